"""The shop's HTTP interface: `uvicorn shop.main:app`."""

from uuid import UUID

from fastapi import FastAPI, HTTPException, Response, status
from pydantic import BaseModel, Field
from sqlalchemy import func, insert, literal, select, update

from shop.database import Campaign, Customer, Mail, new_session
from shop.tasks import send_campaign

app = FastAPI(title="Shop")


class NewCampaign(BaseModel):
    """What all customers are to read; a subject is one line."""

    subject: str = Field(min_length=1, max_length=200, pattern=r"^[^\r\n]+$")
    text: str = Field(min_length=1)


class Summary(BaseModel):
    """How many mails of a campaign there are in each state."""

    id: str
    mails: dict[str, int]


def count(campaign_id: str) -> dict[str, int]:
    """Count the mails of a campaign by state."""
    query = select(Mail.state, func.count().label("number")).where(Mail.campaign_id == campaign_id)
    with new_session() as session:
        rows = session.execute(query.group_by(Mail.state).order_by(Mail.state)).all()
    return {row.state: row.number for row in rows}


@app.post("/campaigns", status_code=status.HTTP_202_ACCEPTED)
def create_campaign(new: NewCampaign, response: Response) -> Summary:
    """Write to all customers who want mail."""
    with new_session(expire_on_commit=False) as session:
        campaign = Campaign(subject=new.subject, text=new.text)
        session.add(campaign)
        session.flush()
        customers = select(literal(campaign.id), Customer.id, literal("waiting")).where(
            Customer.subscribed
        )
        columns = ["campaign_id", "customer_id", "state"]
        session.execute(insert(Mail).from_select(columns, customers))
        session.commit()
    send_campaign.delay(campaign.id)
    response.headers["Location"] = f"/campaigns/{campaign.id}"
    return Summary(id=campaign.id, mails=count(campaign.id))


@app.get("/campaigns/{campaign_id}")
def show_campaign(campaign_id: UUID) -> Summary:
    """Tell how far a campaign is; 404 if there is none."""
    with new_session() as session:
        if session.get(Campaign, str(campaign_id)) is None:
            raise HTTPException(status.HTTP_404_NOT_FOUND, "no such campaign")
    return Summary(id=str(campaign_id), mails=count(str(campaign_id)))


@app.post("/unsubscribe/{token}", status_code=status.HTTP_204_NO_CONTENT)
def unsubscribe(token: str) -> None:
    """Send no more mail to a customer; a mail program posts here, with one click."""
    query = update(Customer).where(Customer.token == token)
    with new_session.begin() as session:
        session.execute(query.values(subscribed=False))
