"""A small shop's stock: what is on the shelves, and what it is worth."""

from __future__ import annotations

from dataclasses import dataclass, field

from product import Product


class OutOfStock(Exception):
    """Raised when a customer wants more than there is."""


@dataclass
class Inventory:
    """The products on the shelves, by name."""

    products: dict[str, Product] = field(default_factory=dict)

    def add(self, product: Product) -> None:
        """Put a product on the shelf."""
        self.products[product.name] = product

    def remove(self, name: str) -> None:
        """Take a product off the shelf."""
        del self.products[name]

    def by_category(self, category: str) -> list[Product]:
        """Return the products of one category."""
        return [product for product in self.products.values() if product.category == category]
