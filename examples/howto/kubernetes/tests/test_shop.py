"""The stand-in for the shop: what the commands of the manifests find."""

from shop import create_app


def test_the_page_and_the_tables() -> None:
    app = create_app()
    assert app.test_client().get("/").text == "The shop"
    assert app.test_cli_runner().invoke(args=["init-db"]).output == "The tables are there.\n"
