"""Errors, and other things that every answer has in common."""

from unittest.mock import patch

from shop.models import User

from tests.cases import WithRows, new_user


class ErrorsTest(WithRows):
    """What a client is told when something is wrong."""

    def test_errors_are_json(self) -> None:
        for debug in (False, True):
            with self.subTest(debug=debug), self.settings(DEBUG=debug):
                response = self.client.get("/nowhere")
                self.assertEqual(response.status_code, 404)
                self.assertEqual(response.headers["Content-Type"], "application/json")
                self.assertEqual(response.headers["Content-Length"], str(len(response.content)))
                self.assertEqual(response.json(), {"error": "Not Found"})

    def test_errors_keep_their_headers(self) -> None:
        for path, methods in (
            ("/users/1/archive", {"POST"}),
            ("/orders", {"POST"}),
            ("/reports", {"POST"}),
            ("/images", {"POST"}),
        ):
            with self.subTest(path):
                response = self.client.get(path)
                self.assertEqual(response.status_code, 405)
                self.assertEqual(set(response.headers["Allow"].split(", ")), methods)
                self.assertEqual(response.json(), {"error": "Method Not Allowed"})
        for path in ("/", "/images/b1946ac9-4f0f-4a6b-8a5e-5d0ff2b1b1a5"):
            with self.subTest(path):
                self.assertEqual(self.client.put(path).status_code, 405)
        response = self.client.put("/tasks/b1946ac9-4f0f-4a6b-8a5e-5d0ff2b1b1a5")
        self.assertEqual(response.status_code, 405)
        methods = set(response.headers["Allow"].split(", "))
        self.assertEqual(methods, {"GET", "HEAD", "OPTIONS", "DELETE"})

    def test_an_unexpected_error(self) -> None:
        self.client.raise_request_exception = False
        with (
            patch.object(User.objects, "get", side_effect=ZeroDivisionError),
            patch("shop.views.users.get_object_or_404", side_effect=ZeroDivisionError),
            self.assertLogs("django.request", "ERROR"),
        ):
            response = self.client.post("/users/1/archive")
        self.assertEqual(response.status_code, 500)
        self.assertEqual(response.json(), {"error": "Internal Server Error"})

    def test_another_host(self) -> None:
        response = self.client.get("/", headers={"Host": "attacker.example.org"})
        self.assertEqual(response.status_code, 400)
        self.assertEqual(response.json(), {"error": "Bad Request"})

    def test_the_admin_answers_people(self) -> None:
        response = self.client.get("/admin/nowhere/", follow=True)
        self.assertEqual(response.headers["Content-Type"], "text/html; charset=utf-8")
        self.assertContains(response, "<form")


class BodyTest(WithRows):
    """Large requests."""

    def test_the_limit(self) -> None:
        user = new_user()
        body = f'{{"user_id": {user.pk}, "total_cents": 1}}'
        for limit, status in ((len(body), 201), (len(body) - 1, 413)):
            with self.subTest(limit), self.settings(DATA_UPLOAD_MAX_MEMORY_SIZE=limit):
                response = self.send("/orders", body)
                self.assertEqual(response.status_code, status)


class TokenTest(WithRows):
    """Who must show a token, and who need not."""

    def setUp(self) -> None:
        super().setUp()
        self.client = self.client_class(enforce_csrf_checks=True)

    def test_programs_need_none(self) -> None:
        user = new_user()
        response = self.send("/orders", {"user_id": user.pk, "total_cents": 1})
        self.assertEqual(response.status_code, 201)
        self.assertEqual(self.send("/reports", {}).status_code, 400)
        self.assertEqual(self.client.post("/images").status_code, 400)
        self.assertEqual(self.client.post(f"/users/{user.pk}/archive").status_code, 202)
        unknown = "/tasks/b1946ac9-4f0f-4a6b-8a5e-5d0ff2b1b1a5"
        self.assertEqual(self.client.delete(unknown).status_code, 404)
        self.assertEqual(self.client.cookies, {})

    def test_people_who_log_in_do(self) -> None:
        response = self.client.post("/admin/login/", {"username": "ada", "password": "password"})
        self.assertEqual(response.status_code, 403)
        self.assertEqual(response.headers["Content-Type"], "text/html; charset=utf-8")
