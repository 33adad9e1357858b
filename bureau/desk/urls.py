"""Pages that look across the apps; they hang beside the admin's own, under the same log-in."""

from django.contrib import admin
from django.urls import path

from bureau.desk import answers, attachment, books, search, statistics
from bureau.desk.person import page as person

app_name = "desk"
urlpatterns = [
    path("person/<int:person_id>/", admin.site.admin_view(person.page), name="person"),
    path("people/", admin.site.admin_view(search.page), name="search"),
    path("attachment/<int:attachment_id>/", admin.site.admin_view(attachment.page), name="attachment"),
    path("whatif/", admin.site.admin_view(answers.whatif_start), name="whatif"),
    path("whatif/<int:person_id>/", admin.site.admin_view(answers.whatif_page), name="whatif_person"),
    path("entitlement/", admin.site.admin_view(answers.entitlement_start), name="entitlement"),
    path(
        "entitlement/<int:person_id>/",
        admin.site.admin_view(answers.entitlement_page),
        name="entitlement_person",
    ),
    path("statistics/", admin.site.admin_view(statistics.page), name="statistics"),
    path("statistics/export/", admin.site.admin_view(statistics.export), name="statistics_export"),
    path("books/", admin.site.admin_view(books.page), name="books"),
]
