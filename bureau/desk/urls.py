"""Pages that look across the apps; they hang beside the admin's own, under the same log-in."""

from django.contrib import admin
from django.urls import path

from bureau.desk import answers, attachment, books, collection, search, statistics
from bureau.desk.counter import family, homes, household, lives
from bureau.desk.person import page as person
from bureau.desk.whynot import duplicate, lists, mandate
from bureau.desk.whynot import page as whynot

app_name = "desk"
urlpatterns = [
    path("person/<int:person_id>/", admin.site.admin_view(person.page), name="person"),
    path("person/<int:person_id>/enrol/", admin.site.admin_view(lives.enrol), name="person_enrol"),
    path("person/<int:person_id>/life/", admin.site.admin_view(lives.change), name="person_life"),
    path("person/<int:person_id>/phone/", admin.site.admin_view(lives.phone), name="person_phone"),
    path("person/<int:person_id>/correct/", admin.site.admin_view(lives.correct), name="person_correct"),
    path("person/<int:person_id>/merge/", admin.site.admin_view(lives.merge), name="person_merge"),
    path("person/<int:person_id>/why/", admin.site.admin_view(whynot.page), name="whynot"),
    path("person/<int:person_id>/why/act/", admin.site.admin_view(whynot.act), name="whynot_act"),
    path("person/<int:person_id>/mandate/", admin.site.admin_view(mandate.page), name="person_mandate"),
    path(
        "person/<int:person_id>/mandate/act/", admin.site.admin_view(mandate.act), name="person_mandate_act"
    ),
    path("why/", admin.site.admin_view(whynot.start), name="whynot_start"),
    path("problems/", admin.site.admin_view(lists.problems), name="problems"),
    path("last-chance/", admin.site.admin_view(lists.last_chance), name="last_chance"),
    path("last-chance/export/", admin.site.admin_view(lists.export), name="last_chance_export"),
    path("duplicate/<int:line_id>/", admin.site.admin_view(duplicate.page), name="duplicate"),
    path("duplicate/<int:line_id>/swap/", admin.site.admin_view(duplicate.propose), name="duplicate_propose"),
    path("transfer/", admin.site.admin_view(lives.transfer), name="transfer"),
    path("family/", admin.site.admin_view(family.page), name="family"),
    path("household/<int:household_id>/", admin.site.admin_view(household.page), name="household"),
    path(
        "household/<int:household_id>/<slug:what>/",
        admin.site.admin_view(homes.page),
        name="household_act",
    ),
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
    path("collection/", admin.site.admin_view(collection.page), name="collection"),
    path("collection/export/", admin.site.admin_view(collection.export), name="collection_export"),
    path("books/", admin.site.admin_view(books.page), name="books"),
]
