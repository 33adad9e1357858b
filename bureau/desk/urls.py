"""Pages that look across the apps; they hang beside the admin's own, under the same log-in."""

from django.contrib import admin
from django.urls import path

from bureau.desk import attachment, books, search
from bureau.desk.person import page as person

app_name = "desk"
urlpatterns = [
    path("person/<int:person_id>/", admin.site.admin_view(person.page), name="person"),
    path("people/", admin.site.admin_view(search.page), name="search"),
    path("attachment/<int:attachment_id>/", admin.site.admin_view(attachment.page), name="attachment"),
    path("books/", admin.site.admin_view(books.page), name="books"),
]
