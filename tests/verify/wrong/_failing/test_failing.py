def test_failing() -> None:
    assert 1 + 1 == 3
