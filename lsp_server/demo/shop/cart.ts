export interface CartItem {
  name: string;
  price: number;
  quantity: number;
}

/** What a customer is about to buy. */
export class Cart {
  private items: CartItem[] = [];

  /** Puts an item into the cart. */
  add(item: CartItem): void {
    this.items.push(item);
  }

  /** Takes an item out of the cart. */
  remove(name: string): void {
    this.items = this.items.filter((item) => item.name !== name);
  }
}
