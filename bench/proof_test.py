#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""What the proof must notice. Each row: what happened, the client's record, the sink's, and the faults of a cut-through relay."""
import sys
import unittest

sys.dont_write_bytecode = True

import proof        # noqa: E402

BODY = (0xD1, 100)      # digest, bytes


def told(number, code=250, answered=2000, body=BODY, stage=5):
    return (number, 1000, answered, *body, code, stage)


def arrived(number, at=1500, body=BODY):
    return (number, at, *body)


ROWS = [
    ("all is well", [told(1), told(2)], [arrived(2), arrived(1)], []),
    ("a mail is missing", [told(1), told(2)], [arrived(1)], ["1 lost"]),
    ("a mail came twice", [told(1)], [arrived(1), arrived(1)], ["1 twice"]),
    ("a body was changed", [told(1)], [arrived(1, body=(0xD2, 100))], ["1 damaged"]),
    ("a body was cut", [told(1)], [arrived(1, body=(0xD1, 99))], ["1 damaged"]),
    ("250 before the sink's", [told(1, answered=1499)], [arrived(1)], ["1 early"]),
    ("refused and yet delivered", [told(1, code=451)], [arrived(1)], ["1 stray", "1 not taken (451 at end of data)"]),
    ("refused at RCPT", [told(1, code=550, stage=3)], [], ["1 not taken (550 at RCPT)"]),
    ("the connection broke", [told(1, code=0)], [], ["1 not taken (connection lost at end of data)"]),
    ("a mail nobody sent", [told(1)], [arrived(1), arrived(0)], ["1 stray"]),
]


class Proof(unittest.TestCase):
    def test_rows(self):
        for name, sent, at_sink, faults in ROWS:
            with self.subTest(name):
                self.assertEqual(proof.join(sent, at_sink).verdict.faults(cut_through=True), faults)

    def test_store_and_forward_may_answer_early(self):
        self.assertEqual(proof.join([told(1, answered=1499)], [arrived(1)]).verdict.faults(cut_through=False), [])

    def test_the_end_is_the_later_of_sink_and_answer(self):
        joined = proof.join([told(1, answered=1499), told(2)], [arrived(1, at=5000), arrived(2)])
        self.assertEqual(joined.latencies_ms, [0.001, 0.004])
        self.assertAlmostEqual(joined.seconds, 4e-6)


if __name__ == "__main__":
    unittest.main()
