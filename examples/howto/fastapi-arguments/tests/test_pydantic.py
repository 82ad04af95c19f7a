"""Models on their way into a task and out of it."""

from contextlib import nullcontext
from datetime import date
from decimal import Decimal

import mistakes
import pytest
from celery import Task, chain, group
from celery.result import AsyncResult
from kombu.exceptions import EncodeError
from pydantic import ValidationError
from shop.celery_app import celery_app
from shop.schemas import Parcel, Parcels, Quote, Quotes
from shop.tasks import make_quote, make_quotes, print_offer

pytestmark = pytest.mark.usefixtures("worker")

PARCEL = Parcel(weight_kg="1.5", country="DE", ship_on="2026-11-21")
SENT = {"weight_kg": "1.5", "country": "DE", "ship_on": "2026-11-21"}


def answer(result: AsyncResult) -> object:
    """Wait for the result of a task."""
    return result.get(timeout=30, interval=0.01)


def test_a_model_goes_in_and_a_dict_comes_out() -> None:
    result = make_quote.delay(PARCEL)
    returned = result.get(timeout=30, interval=0.01)
    assert returned == {"price": "3.75", "valid_until": "2026-11-21"}
    quote = Quote.model_validate(returned)
    assert quote == Quote(price=Decimal("3.75"), valid_until=date(2026, 11, 21))


def test_a_dict_goes_in_too() -> None:
    assert answer(make_quote.delay(SENT)) == answer(make_quote.delay(PARCEL))
    assert answer(make_quote.delay(parcel=PARCEL)) == answer(make_quote.delay(PARCEL))
    assert PARCEL.model_dump(mode="json") == SENT


def test_a_call_returns_a_dict_too() -> None:
    assert make_quote(PARCEL) == {"price": "3.75", "valid_until": "2026-11-21"}
    quote = Quote.model_validate(make_quote(PARCEL))
    assert quote.price == Decimal("3.75")


def test_every_country_has_its_price() -> None:
    for country, price in (("DE", "1.25"), ("FR", "1.60"), ("US", "4.95")):
        parcel = Parcel(weight_kg="0.5", country=country, ship_on="2026-11-21")
        assert Quote.model_validate(make_quote(parcel)).price == Decimal(price)


def test_a_list_in_a_root_model() -> None:
    parcels = Parcels([PARCEL, Parcel(weight_kg=2, country="FR", ship_on="2026-12-01")])
    returned = make_quotes.delay(parcels).get(timeout=30, interval=0.01)
    first, second = Quotes.model_validate(returned).root
    assert first == Quote(price="3.75", valid_until="2026-11-21")
    assert second == Quote(price="6.40", valid_until="2026-12-01")


def test_a_chain() -> None:
    result = chain(make_quote.s(PARCEL), print_offer.s())()
    assert result.get(timeout=30, interval=0.01) == "3.75 EUR until 2026-11-21"


def test_a_later_link_of_a_chain(*, eager: bool) -> None:
    quote = Quote(price=1, valid_until="2026-11-21")
    model = chain(make_quote.s(PARCEL), print_offer.si(quote))
    if eager:
        assert answer(model()) == "1 EUR until 2026-11-21"
    else:
        with pytest.raises(EncodeError, match="Object of type Quote is not JSON serializable"):
            model()
    json_dict = chain(make_quote.s(PARCEL), print_offer.si(quote.model_dump(mode="json")))
    assert answer(json_dict()) == "1 EUR until 2026-11-21"


def test_a_group() -> None:
    result = group(make_quote.s(PARCEL), make_quote.s(PARCEL))()
    prices = [quote["price"] for quote in result.get(timeout=30, interval=0.01)]
    assert prices == ["3.75", "3.75"]


def test_a_linked_task(*, eager: bool) -> None:
    linked = print_offer.si(Quote(price=1, valid_until="2026-11-21"))
    if eager:
        assert answer(make_quote.apply_async((PARCEL,), link=linked))
    else:
        with pytest.raises(EncodeError, match="Object of type Quote is not JSON serializable"):
            make_quote.apply_async((PARCEL,), link=linked)


def test_what_a_validator_finds_in_its_context() -> None:
    found = answer(mistakes.find_context.delay({}))
    assert found == ["celery_app", "celery_task_name", "limit"]


def test_the_caller_of_an_invalid_message(*, eager: bool) -> None:
    result = make_quote.delay(SENT | {"country": "Germany"})
    error = result.get(propagate=False, timeout=30, interval=0.01)
    if eager:
        assert isinstance(error, ValidationError)
    else:
        text = "<class 'pydantic_core._pydantic_core.ValidationError'>([])"
        assert (type(error), str(error)) == (Exception, text)
    assert "String should match pattern '^[A-Z]{2}$'" in result.traceback
    assert "Germany" not in result.traceback


def test_validate_before_you_send() -> None:
    with pytest.raises(ValidationError, match="String should match pattern"):
        make_quote.delay(Parcel.model_validate(SENT | {"country": "Germany"}))


LABELLED = mistakes.LabelledParcel(weightKg=1)
HEAVY = mistakes.HeavyParcel(**SENT)
ACCOUNT = mistakes.Account(partner="post", password="secret-1")  # noqa: S106 - an example


@pytest.mark.parametrize(
    ("task", "value", "name"),
    [
        (mistakes.weigh_plain, PARCEL, "Parcel"),
        (mistakes.weigh_untyped, PARCEL, "Parcel"),
        (mistakes.weigh_list, [PARCEL], "Parcel"),
        (mistakes.weigh_any, PARCEL, "Parcel"),
        (mistakes.weigh_strictly, PARCEL, "Parcel"),
        (mistakes.weigh_labelled, LABELLED, "LabelledParcel"),
        (make_quote, HEAVY, "HeavyParcel"),
        (mistakes.weigh_noted, mistakes.NotedParcel(**SENT, note="fragile"), "NotedParcel"),
        (mistakes.log_in, ACCOUNT, "Account"),
    ],
)
def test_models_that_are_not_sent(task: Task, value: object, name: str) -> None:
    with pytest.raises(EncodeError) as error:
        task.delay(value)
    assert str(error.value) == f"Object of type {name} is not JSON serializable"


def test_by_name(*, eager: bool) -> None:
    with (
        pytest.warns(match="task_always_eager") if eager else nullcontext(),
        pytest.raises(EncodeError, match="Object of type Parcel is not JSON serializable"),
    ):
        celery_app.send_task("shop.tasks.make_quote", (PARCEL,))


@pytest.mark.parametrize(
    ("task", "value"),
    [
        (mistakes.weigh_plain, SENT),
        (mistakes.weigh_untyped, SENT),
        (mistakes.weigh_list, [SENT]),
        (mistakes.weigh_any, SENT),
    ],
)
def test_the_task_receives_a_dict(task: Task, value: object) -> None:
    assert answer(task.delay(value)) == "dict"


def test_cures() -> None:
    assert answer(mistakes.weigh_by_alias.delay(LABELLED)) == "1"
    assert answer(mistakes.weigh_strictly_with_types.delay(PARCEL)) == "Parcel"


def test_a_model_that_is_returned_without_a_type() -> None:
    with pytest.raises(EncodeError, match="Object of type Parcel is not JSON serializable"):
        answer(mistakes.give_back.delay(PARCEL))


def test_a_secret_becomes_stars() -> None:
    account = ACCOUNT.model_dump(mode="json")
    assert account == {"partner": "post", "password": "**********"}
    result = mistakes.log_in.delay(account)
    assert result.get(timeout=30, interval=0.01) == "**********"


def test_an_invalid_message_is_tried_again() -> None:
    tries: list[int] = []
    original = mistakes.weigh_again_and_again.retry

    def retry(*args: object, **kwargs: object) -> object:
        tries.append(1)
        return original(*args, **kwargs)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(mistakes.weigh_again_and_again, "retry", retry)
        result = mistakes.weigh_again_and_again.delay({})
        result.get(propagate=False, timeout=30, interval=0.01)
    assert len(tries) == 3


def test_old_messages() -> None:
    new_field = mistakes.quote_insured.delay(SENT)
    new_field.get(propagate=False, timeout=30, interval=0.01)
    assert new_field.state == "FAILURE"
    with_default = mistakes.quote_maybe_insured.delay(SENT)
    assert with_default.get(timeout=30, interval=0.01) is False


def test_new_messages_for_an_old_worker() -> None:
    new = SENT | {"insured": True}
    ignored = make_quote.delay(new)
    assert ignored.get(timeout=30, interval=0.01)["price"] == "3.75"
    forbidden = mistakes.quote_closed.delay(new)
    forbidden.get(propagate=False, timeout=30, interval=0.01)
    assert forbidden.state == "FAILURE"
