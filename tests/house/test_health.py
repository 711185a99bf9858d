import pytest
from django.test import Client, override_settings

NO_REDIS = {
    "default": {
        "BACKEND": "django.core.cache.backends.redis.RedisCache",
        "LOCATION": "unix:///nowhere/redis.sock",
    }
}


@pytest.mark.django_db
def test_health_is_200_when_the_database_and_redis_answer(client: Client) -> None:
    answer = client.get("/salud/")
    assert (answer.status_code, answer.json()) == (200, {"database": True, "redis": True})


@pytest.mark.django_db
def test_health_is_503_and_says_so_when_redis_is_gone(client: Client) -> None:
    with override_settings(CACHES=NO_REDIS):
        answer = client.get("/salud/")
    assert (answer.status_code, answer.json()) == (503, {"database": True, "redis": False})


@pytest.mark.django_db
@override_settings(SECURE_SSL_REDIRECT=True)
def test_behind_tls_only_health_answers_plain_http(client: Client) -> None:
    assert client.get("/salud/").status_code == 200
    assert client.get("/").status_code == 301
