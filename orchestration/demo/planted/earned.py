"""What customers bring, less what they cost."""

from __future__ import annotations

from decimal import Decimal

from orchestration.demo.company import HEAVY_USER, REFERENCE_CUSTOMER
from orchestration.demo.prices import plain
from orchestration.demo.scene import Plant


class LosingCustomers(Plant):
    id = "losing_customers"
    what = (
        "two heavy users on a small flat plan: what people do for them costs more than they pay; "
        "the loss of one is meant, that of the other is not"
    )

    def answer(self) -> dict:
        worth = self.scene.files["human_effort"].worth()
        paid = self.scene.files["revenue"].sums
        for name, customer in (("unintended", HEAVY_USER), ("intended", REFERENCE_CUSTOMER)):
            # A month of which only some days are seen may end well.
            losing = {
                month: plain(cost - Decimal(paid[month][customer]))
                for (month, whose), cost in worth.items()
                if whose == customer and month in paid and cost > Decimal(paid[month][customer])
            }
            self.amounts[name] = {"customer": customer, "loss_before_bills": losing}
        return super().answer()
