"""The terms of a channel where somebody pays: of the nearest region that says something, else those for everywhere."""

from bureau.errors import BureauError, gettext_noop
from payments.models import ChannelTerms

_NEAREST = """
WITH RECURSIVE up (code, parent_id, distance) AS (
  SELECT code, parent_id, 0 FROM bureau_region WHERE code = %(region)s
  UNION ALL
  SELECT r.code, r.parent_id, up.distance + 1 FROM bureau_region r JOIN up ON r.code = up.parent_id
)
SELECT t.*
  FROM payments_channelterms t
  LEFT JOIN up ON up.code = t.region_id
 WHERE t.channel = %(channel)s AND (t.region_id IS NULL OR up.code IS NOT NULL)
 ORDER BY up.distance NULLS LAST
 LIMIT 1
"""


class ChannelUnknown(BureauError):
    """Nothing is known of the channel."""

    code = "CHANNEL_UNKNOWN"
    message = gettext_noop("There is no channel %(channel)s.")


def terms_of(*, channel: str, region_id: str) -> ChannelTerms:
    """What holds for ``channel`` in ``region_id``. Raises ChannelUnknown."""
    found = list(ChannelTerms.objects.raw(_NEAREST, {"channel": channel, "region": region_id}))
    if not found:
        raise ChannelUnknown(channel=channel)
    return found[0]
