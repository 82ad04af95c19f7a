"""The shop's HTTP interface: `uvicorn shop.main:app`."""

from secrets import compare_digest
from typing import Annotated

from fastapi import Depends, FastAPI, Header, HTTPException, Response, status

from shop import backups
from shop.config import get_settings
from shop.tasks import make_backup

app = FastAPI(title="Shop")


def require_key(x_admin_key: Annotated[str, Header()] = "") -> None:
    """Let nobody in without the key; raises HTTPException, 403."""
    key = get_settings().admin_key.get_secret_value()
    if not key or not compare_digest(x_admin_key.encode(), key.encode()):
        raise HTTPException(status.HTTP_403_FORBIDDEN, "wrong key")


@app.post(
    "/backups",
    status_code=status.HTTP_202_ACCEPTED,
    dependencies=[Depends(require_key)],
)
def create_backup(response: Response) -> None:
    """Have a backup made now."""
    make_backup.delay()
    response.headers["Location"] = "/backups"


@app.get("/backups", dependencies=[Depends(require_key)])
def show_backups() -> list[backups.Backup]:
    """List the backups, the newest first."""
    return backups.find_all()


@app.get("/backups/{name}", dependencies=[Depends(require_key)])
def show_backup(name: str) -> backups.Backup:
    """Describe a backup; 404 if there is none of this name."""
    for backup in backups.find_all():
        if backup.name == name:
            return backup
    raise HTTPException(status.HTTP_404_NOT_FOUND, "no such backup")
