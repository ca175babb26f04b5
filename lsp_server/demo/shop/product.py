"""What the shop sells."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass
class Product:
    """One kind of thing that the shop sells."""

    name: str
    price: float
    quantity: int = 0
    category: str = "other"

    def row(self) -> dict[str, object]:
        """Return the product as a row of a table."""
        return {
            "name": self.name,
            "price": self.price,
        }
