import pytest

from config.redis import celery_url, database, next_database


@pytest.mark.parametrize(
    ("url", "number"),
    [
        ("redis://broker:6379/3", 3),
        ("redis://broker", 0),
        ("unix:///run/redis.sock?db=4", 4),
        ("unix:///run/redis.sock", 0),
    ],
)
def test_the_cache_is_never_the_queues_database(url: str, number: int) -> None:
    assert database(url) == number
    assert database(next_database(url)) == number + 1


def test_celery_reaches_a_unix_socket() -> None:
    assert (
        celery_url("unix:///run/redis.sock?db=2") == "redis+socket:///run/redis.sock?virtual_host=2"
    )
    assert celery_url("redis://broker:6379/3") == "redis://broker:6379/3"
