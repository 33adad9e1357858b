"""The Celery application: composition root of the workers. Redis is only the doorbell; PostgreSQL holds the work."""

import os

from celery import Celery
from celery.schedules import crontab

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "bureau.settings")

app = Celery("bureau")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks(["enrollment", "payments", "bureau"])
app.conf.beat_schedule = {
    "river-sweep": {"task": "payments.tasks.sweep", "schedule": 10.0},
    "pull-register": {"task": "payments.tasks.pull_register", "schedule": 60.0},
    "sweep-attachments": {
        "task": "bureau.tasks.sweep_attachments",
        "schedule": crontab(hour="3", minute="20"),
    },
    "list-sweep": {"task": "enrollment.tasks.sweep_lists", "schedule": 10.0},
    "policy-sweep": {"task": "enrollment.tasks.sweep_policy_runs", "schedule": 10.0},
    "forget-calls": {"task": "bureau.tasks.forget_calls", "schedule": crontab(minute="35")},
    "count-statistics": {
        "task": "payments.tasks.count_statistics",
        "schedule": crontab(hour="2", minute="10"),
    },
    "price-sweep": {"task": "payments.tasks.sweep_price_differences", "schedule": 30.0},
    "issue-vouchers": {"task": "payments.tasks.issue_vouchers", "schedule": crontab(minute="*/10")},
    "pull-messages": {"task": "payments.tasks.pull_messages", "schedule": crontab(minute="5,35")},
    "voucher-sweep": {"task": "payments.tasks.sweep_vouchers", "schedule": 10.0},
    "expire-orders": {"task": "payments.tasks.expire_orders", "schedule": 60.0},
    "refund-clocks": {"task": "refunds.tasks.tick", "schedule": crontab(hour="1", minute="15")},
    "refund-candidates": {
        "task": "refunds.tasks.find_candidates",
        "schedule": crontab(hour="1", minute="45"),
    },
    "debit-cases": {"task": "payments.tasks.pull_debit_cases", "schedule": 60.0},
    "day-cut": {"task": "payments.tasks.cut_yesterday", "schedule": crontab(hour="2", minute="40")},
    "check-books": {"task": "payments.tasks.check_books", "schedule": crontab(minute="*/10")},
}
