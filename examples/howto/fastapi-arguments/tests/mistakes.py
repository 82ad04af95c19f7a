"""Tasks and models that do not do what they look like."""

from datetime import date
from decimal import Decimal

from pydantic import BaseModel, Field, SecretStr, ValidationInfo, field_validator
from shop.celery_app import celery_app
from shop.schemas import Parcel, Quote


@celery_app.task(pydantic=True, ignore_result=False)
def weigh_list(parcels: list[Parcel]) -> str:
    """Receive a list of dicts."""
    return type(parcels[0]).__name__


@celery_app.task(pydantic=True, ignore_result=False)
def weigh_any(parcel: Parcel | Quote) -> str:
    """Receive a dict."""
    return type(parcel).__name__


@celery_app.task(pydantic=True, ignore_result=False)
def weigh_untyped(parcel) -> str:  # noqa: ANN001 - the missing type is the mistake
    """Receive a dict."""
    return type(parcel).__name__


@celery_app.task(ignore_result=False)
def weigh_plain(parcel: Parcel) -> str:
    """Receive a dict."""
    return type(parcel).__name__


@celery_app.task(pydantic=True, pydantic_strict=True, ignore_result=False)
def weigh_strictly(parcel: Parcel) -> str:
    """Refuse the text that stands for a date in JSON."""
    return type(parcel).__name__


@celery_app.task(
    pydantic=True,
    pydantic_strict=True,
    pydantic_dump_kwargs={"mode": "python"},
    ignore_result=False,
)
def weigh_strictly_with_types(parcel: Parcel) -> str:
    """Receive dates and decimals as kombu carries them."""
    return type(parcel).__name__


@celery_app.task(pydantic=True, ignore_result=False)
def give_back(parcel: Parcel):  # noqa: ANN201 - the missing type is the mistake
    """Return a model that nobody turns into a dict."""
    return parcel


@celery_app.task(
    pydantic=True,
    ignore_result=False,
    autoretry_for=(Exception,),
    default_retry_delay=0,
    max_retries=2,
)
def weigh_again_and_again(parcel: Parcel) -> str:
    """Be tried again, although the message stays as wrong as it is."""
    return type(parcel).__name__


class HeavyParcel(Parcel):
    """A parcel with more fields than the task asks for."""

    pallet: bool = True


class NotedParcel(Parcel):
    """A parcel with a field that no dump contains."""

    note: str = Field("", exclude=True)


@celery_app.task(pydantic=True, ignore_result=False)
def weigh_noted(parcel: NotedParcel) -> str:
    """Receive a parcel without its note."""
    return parcel.note


class Context(BaseModel):
    """What a validator sees."""

    names: list[str] = Field([], validate_default=True)

    @field_validator("names")
    @classmethod
    def look(cls, _: list[str], info: ValidationInfo) -> list[str]:
        """Look at the context."""
        return sorted(info.context)


@celery_app.task(pydantic=True, pydantic_context={"limit": 30}, ignore_result=False)
def find_context(context: Context) -> list[str]:
    """Say what the validator has seen."""
    return context.names


class LabelledParcel(BaseModel):
    """A parcel as JavaScript spells it."""

    weight_kg: Decimal = Field(alias="weightKg")


@celery_app.task(pydantic=True, ignore_result=False)
def weigh_labelled(parcel: LabelledParcel) -> str:
    """Receive a parcel under its Python names, which do not validate."""
    return str(parcel.weight_kg)


@celery_app.task(pydantic=True, pydantic_dump_kwargs={"by_alias": True}, ignore_result=False)
def weigh_by_alias(parcel: LabelledParcel) -> str:
    """Receive a parcel under its aliases."""
    return str(parcel.weight_kg)


class Account(BaseModel):
    """Where a partner's prices come from."""

    partner: str
    password: SecretStr


@celery_app.task(pydantic=True, ignore_result=False)
def log_in(account: Account) -> str:
    """Use a password."""
    return account.password.get_secret_value()


class InsuredParcel(Parcel):
    """The next version of the parcel, with a field that old messages do not have."""

    insured: bool


class MaybeInsuredParcel(Parcel):
    """The next version of the parcel, which reads old messages."""

    insured: bool = False


class ClosedParcel(Parcel, extra="forbid"):
    """A parcel that refuses fields that it does not know."""


@celery_app.task(pydantic=True, ignore_result=False)
def quote_insured(parcel: InsuredParcel) -> bool:
    """Quote the next version."""
    return parcel.insured


@celery_app.task(pydantic=True, ignore_result=False)
def quote_maybe_insured(parcel: MaybeInsuredParcel) -> bool:
    """Quote the next version."""
    return parcel.insured


@celery_app.task(pydantic=True, ignore_result=False)
def quote_closed(parcel: ClosedParcel) -> date:
    """Quote this version."""
    return parcel.ship_on


@celery_app.task(ignore_result=False)
def describe(value: object) -> list[str]:
    """Say what has arrived."""
    return [type(value).__name__, repr(value)]
