"""The price list, as the shop's window shows it."""

import unittest

from widgets.price import discount, price


class PriceTest(unittest.TestCase):
    def test_one_piece_costs_its_price(self):
        self.assertEqual(price(1, 250), 250)

    def test_nine_pieces_have_no_discount(self):
        self.assertEqual(price(9, 200), 1800)

    def test_ten_pieces_have_the_discount(self):
        self.assertEqual(price(10, 200), 1800)

    def test_ninety_nine_pieces_have_the_small_discount(self):
        self.assertEqual(discount(99), 10)

    def test_a_hundred_pieces_have_the_large_discount(self):
        self.assertEqual(discount(100), 20)

    def test_an_order_without_pieces_is_refused(self):
        with self.assertRaises(ValueError):
            price(0, 250)


if __name__ == "__main__":
    unittest.main()
