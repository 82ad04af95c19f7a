"""The admin, and the command that adds a customer."""

from io import StringIO

from django.contrib.auth import get_user_model
from django.core.exceptions import ValidationError
from django.core.management import call_command
from shop.models import Job, User

from tests.cases import WithRows, new_order, new_user


class AdminTest(WithRows):
    """What the shop's people see."""

    def setUp(self) -> None:
        super().setUp()
        admin = get_user_model().objects.create_superuser("admin")
        self.client.force_login(admin)

    def test_lists(self) -> None:
        order = new_order(new_user())
        job = Job.objects.create(cancelled=True)
        for name, cells in (
            ("user", ["ada@example.org"]),
            ("order", [f">{order.pk}</a>", "1905", "Feb. 28, 2026"]),
            ("job", [str(job.pk)]),
        ):
            with self.subTest(name):
                response = self.client.get(f"/admin/shop/{name}/")
                for cell in cells:
                    self.assertContains(response, cell)
        filters = (
            "/admin/shop/user/?q=ada",
            "/admin/shop/order/?announced_at__isempty=1&receipt_sent__exact=0&webhook_sent__exact=0",
            "/admin/shop/job/?cancelled__exact=1&started_on__year=2000",
        )
        for path in filters:
            self.assertEqual(self.client.get(path).status_code, 200)

    def test_customers_can_be_changed(self) -> None:
        user = new_user()
        path = f"/admin/shop/user/{user.pk}/change/"
        body = {"email": "grace@example.org", "archived_on": ""}
        self.assertRedirects(self.client.post(path, body), "/admin/shop/user/")
        user.refresh_from_db()
        self.assertEqual(str(user), "grace@example.org")

    def test_orders_and_jobs_can_only_be_read(self) -> None:
        order = new_order(new_user())
        job = Job.objects.create()
        for name, row in (("order", order), ("job", job)):
            with self.subTest(name):
                path = f"/admin/shop/{name}/{row.pk}/"
                self.assertContains(self.client.get(f"{path}change/"), str(row))
                self.assertEqual(self.client.post(f"{path}change/", {}).status_code, 403)
                self.assertEqual(self.client.post(f"{path}delete/").status_code, 403)
                self.assertEqual(self.client.get(f"/admin/shop/{name}/add/").status_code, 403)
        self.assertEqual(str(order), f"order {order.pk}")


class AddUserTest(WithRows):
    """``python manage.py add_user``."""

    def test_add_user(self) -> None:
        output = StringIO()
        call_command("add_user", "grace@example.org", stdout=output)
        user = User.objects.get()
        self.assertEqual(output.getvalue(), f"User {user.pk} added.\n")
        self.assertEqual((user.email, user.archived_on), ("grace@example.org", None))

    def test_an_address_is_one_user(self) -> None:
        new_user()
        for address in ("ada@example.org", "ada"):
            with self.subTest(address), self.assertRaises(ValidationError):
                call_command("add_user", address)
        self.assertEqual(User.objects.count(), 1)
