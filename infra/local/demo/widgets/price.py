"""Prices of widgets, in cents."""


def price(pieces, each):
    """What `pieces` widgets cost at `each` cents a piece, the discount taken off."""
    if pieces < 1:
        raise ValueError("an order has at least one piece")
    return pieces * each * (100 - discount(pieces)) // 100


def discount(pieces):
    """The discount in per cent: 10 from ten pieces on, 20 from a hundred on."""
    if pieces >= 100:
        return 20
    if pieces > 10:
        return 10
    return 0
