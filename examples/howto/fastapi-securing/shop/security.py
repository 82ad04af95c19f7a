"""Who sends a request."""

from secrets import compare_digest
from typing import Annotated

from fastapi import Depends, HTTPException
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer

from shop.config import Settings, get_settings

SettingsDep = Annotated[Settings, Depends(get_settings)]
CredentialsDep = Annotated[HTTPAuthorizationCredentials, Depends(HTTPBearer())]


def find_user(credentials: CredentialsDep, settings: SettingsDep) -> str:
    """Return the name of the user whose key came with the request, or answer 401."""
    given = credentials.credentials.encode()
    for user, key in settings.api_keys.items():
        if compare_digest(given, key.get_secret_value().encode()):
            return user
    raise HTTPException(401, "Not authenticated", {"WWW-Authenticate": "Bearer"})


UserDep = Annotated[str, Depends(find_user)]
