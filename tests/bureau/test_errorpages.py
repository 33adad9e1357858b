"""A page that refuses a request says why in the reader's language."""

import pytest
from django.contrib.sessions.exceptions import SessionInterrupted
from django.core.exceptions import SuspiciousOperation, TooManyFieldsSent
from django.test import RequestFactory
from django.utils import translation

from bureau.desk import errorpages


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("raised", "told"),
    [
        (SessionInterrupted(), "期间您已登录或退出，请重新打开此页。"),
        (TooManyFieldsSent(), "请减少"),
        (SuspiciousOperation(), "请求中含有本系统页面不会发送的字符或数值。"),
    ],
)
def test_why_a_request_is_refused(rf: RequestFactory, raised: Exception, told: str) -> None:
    with translation.override("zh-hans"):
        response = errorpages.bad_request(rf.get("/desk/"), raised)
    assert (response.status_code, told in response.content.decode()) == (400, True)
