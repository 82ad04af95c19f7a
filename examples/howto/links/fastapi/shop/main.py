"""The web app."""

from fastapi import FastAPI, Request
from pydantic import BaseModel
from starlette.middleware.trustedhost import TrustedHostMiddleware

from shop.config import settings
from shop.customers import CUSTOMERS, Customer, Language
from shop.tasks import send_welcome

app = FastAPI()
app.add_middleware(TrustedHostMiddleware, allowed_hosts=settings.allowed_hosts)


class NewCustomer(BaseModel):
    """What somebody says who signs up."""

    email: str
    language: Language = "en"


@app.post("/customers", status_code=201)
def sign_up(new: NewCustomer, request: Request) -> dict[str, int]:
    """Add a customer, and let a worker write to them."""
    CUSTOMERS.append(Customer(new.email, new.language))
    url = request.url_for("account", language=new.language)
    send_welcome.delay(new.email, str(url), new.language)
    return {"id": len(CUSTOMERS) - 1}


@app.get("/{language}/account")
def account(language: Language) -> dict[str, str]:
    """Stand for the page that a letter links to."""
    return {"language": language}
