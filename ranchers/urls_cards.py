"""Ranchers' log-in by card, and where cards are issued."""

from django.urls import path

from ranchers.views import cards

urlpatterns = [
    path("entrar/", cards.enter, name="card_enter"),
    path("entrar/<str:token>/", cards.scanned, name="card_scanned"),
    path("tarjetas/", cards.card_list, name="cards"),
    path("tarjetas/hoja/", cards.issue, name="cards_issue"),
    path("tarjetas/<uuid:pk>/", cards.card, name="card"),
    path("tarjetas/<uuid:pk>/anular/", cards.revoke, name="card_revoke"),
]
