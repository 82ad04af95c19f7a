"""What the worker does."""

from sqlalchemy import select, update

from shop.celery_app import celery_app
from shop.database import new_session
from shop.models import PriceRise, Product

PIECE = 100


@celery_app.task(acks_late=True)
def raise_prices(rise_id: int, position: int) -> str:
    """Raise the next hundred prices, and send the message for those that follow."""
    with new_session.begin() as session:
        rise = session.get_one(PriceRise, rise_id)
        following = select(Product.id).where(Product.id > position)
        ids = session.scalars(following.order_by(Product.id).limit(PIECE)).all()
        if not ids:
            return "finished"
        mine = update(PriceRise).filter_by(id=rise_id, position=position)
        if session.execute(mine.values(position=ids[-1])).rowcount == 0:
            return "was there"
        piece = update(Product).where(Product.id.in_(ids))
        session.execute(piece.values(price_cents=Product.price_cents + rise.cents))
    raise_prices.delay(rise_id, ids[-1])
    return f"up to {ids[-1]}"
