"""What the worker does."""

from celery import shared_task
from sqlalchemy import select, update

from shop.models import PriceRise, Product, db

PIECE = 100


@shared_task(acks_late=True)
def raise_prices(rise_id: int, position: int) -> str:
    """Raise the next hundred prices, and send the message for those that follow."""
    rise = db.session.get_one(PriceRise, rise_id)
    following = select(Product.id).where(Product.id > position)
    ids = db.session.scalars(following.order_by(Product.id).limit(PIECE)).all()
    if not ids:
        return "finished"
    mine = update(PriceRise).filter_by(id=rise_id, position=position)
    if db.session.execute(mine.values(position=ids[-1])).rowcount == 0:
        return "was there"
    piece = update(Product).where(Product.id.in_(ids))
    db.session.execute(piece.values(price_cents=Product.price_cents + rise.cents))
    db.session.commit()
    raise_prices.delay(rise_id, ids[-1])
    return f"up to {ids[-1]}"
