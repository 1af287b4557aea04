# SPDX-License-Identifier: MIT
"""The crash matrix: where a mail can be when something breaks, what can break, and what must come of it.

A place is a step of the client together with a step of the MX; a fault happens to a mail there. What comes of it is written
    SEEN COPIES [guard] [report]
SEEN    what the client of the first try is left with: 250, 4xx, closed, or gone (it is the client that went)
COPIES  how many the recipient's MX has in the end, after an honest client has sent again whatever it had no 250 for;
        "1+2" for two recipients at two MXs that differ. A mail whose final dot came and that was not refused counts as a
        copy, also if the MX never came to say 250: it may have kept it
guard   the duplicate guard answered the second try: it was not sent
" or "   between results that depend on which of two things the system tells the relay first
report  the client has its 250, and the sender a report about the recipient whose MX failed (contract, 5.4)

test_matrix.py plays it. `python3 tests/lab/matrix.py` writes docs/crash-matrix.md, which a test compares.
"""
import dataclasses
from pathlib import Path

DOCUMENT = Path(__file__).resolve().parents[2] / "docs/crash-matrix.md"


@dataclasses.dataclass
class Place:
    name: str
    client: str                 # in words, for the document
    mx: str
    stop: str                   # the client's last step (see sender.py); with "?" it has not read the reply
    hold: str = ""              # the step at which the MX says nothing more, until it is let go
    other: str | None = None    # the same for the second recipient's MX; None: there is no second recipient
    tls: bool = False           # the MX offers STARTTLS
    bdat: bool = False          # the client sends by BDAT
    chunking: bool = False      # the MX takes BDAT
    large: bool = False         # the content is larger than the relay's window and all buffers on the way
    name_asked: bool = False    # the name servers are silent
    lost: bool = False          # what the MX says after the dot is lost on the wire
    unread: bool = False        # the relay has answered, the client has not read it
    long: bool = False          # takes seconds to get there: not in the short form


PLACES = [
    Place("connected", "has its greeting", "no connection yet", "connect"),
    Place("greeted", "EHLO answered", "no connection yet", "ehlo"),
    Place("login", "amid AUTH LOGIN", "no connection yet", "auth"),
    Place("sender", "MAIL answered", "no connection yet", "mail"),
    Place("name-asked", "awaits the reply to RCPT", "its name is asked for, no answer", "rcpt?", name_asked=True),
    Place("accepted", "awaits the reply to RCPT", "connected, no greeting", "rcpt?", "greeting"),
    Place("EHLO", "awaits the reply to RCPT", "EHLO unanswered", "rcpt?", "ehlo"),
    Place("STARTTLS", "awaits the reply to RCPT", "STARTTLS unanswered", "rcpt?", "starttls", tls=True),
    Place("handshake", "awaits the reply to RCPT", "220 to STARTTLS, silent in the handshake", "rcpt?", "handshake", tls=True),
    Place("MAIL", "awaits the reply to RCPT", "MAIL unanswered", "rcpt?", "mail"),
    Place("RCPT", "awaits the reply to RCPT", "RCPT unanswered", "rcpt?", "rcpt"),
    Place("taken", "RCPT answered", "RCPT answered", "rcpt"),
    Place("second-RCPT", "awaits the reply to a second RCPT", "first MX: RCPT answered; second: RCPT unanswered", "rcpt2?", other="rcpt"),
    Place("two-taken", "both RCPTs answered", "both MXs: RCPT answered", "rcpt2", other=""),
    Place("DATA", "awaits 354", "DATA unanswered", "data?", "data"),
    Place("one-354", "awaits 354", "first MX: 354; second: DATA unanswered", "data?", other="data"),
    Place("354", "has its 354", "354 said", "data"),
    Place("two-354", "has its 354", "both MXs: 354 said", "data", other=""),
    Place("content", "amid the content", "amid the content", "content"),
    Place("large-content", "amid the content, held back", "amid the content, reads no further", "content", "content", large=True),
    Place("half-dot", "all but the last octet said", "all content, no dot", "half-dot"),
    Place("dot-unread", "dot said, awaits the reply", "amid the content; the dot waits in its socket", "dot?", "content"),
    Place("dot", "dot said, awaits the reply", "dot received, unanswered", "dot?", "dot"),
    Place("one-250", "dot said, awaits the reply", "first MX: 250; second: dot received, unanswered", "dot?", other="dot"),
    Place("two-dots", "dot said, awaits the reply", "both MXs: dot received, unanswered", "dot?", "dot", other="dot"),
    Place("250-lost", "dot said, awaits the reply", "250 said, lost on the wire", "dot?", "dot", lost=True),
    Place("reply-unread", "dot said, the reply is there, unread", "250 said and heard", "dot?", unread=True),
    Place("done", "has its 250", "connection kept for the next mail", "dot"),
    Place("QUIT", "has its 250", "QUIT unanswered", "dot", "quit", long=True),
    Place("chunk", "by BDAT: first chunk answered", "amid the content (DATA)", "chunk", bdat=True),
    Place("chunk-there", "by BDAT: first chunk answered", "first BDAT unanswered", "chunk", "bdat", bdat=True, chunking=True),
    Place("BDAT-LAST", "BDAT LAST said, awaits the reply", "dot received, unanswered (DATA)", "last?", "dot", bdat=True),
    Place("BDAT-LAST-there", "BDAT LAST said, awaits the reply", "BDAT LAST unanswered", "last?", "dot", bdat=True, chunking=True),
    Place("dot-to-BDAT", "dot said, awaits the reply", "BDAT LAST unanswered", "dot?", "dot", chunking=True),
]

FAULTS = {
    "killed": "relay killed (SIGKILL)",
    "client reset": "client gone (RST)",
    "client closed": "client gone (FIN), again here at once",
    "MX reset": "MX gone (RST)",
    "MX closed": "MX gone (FIN)",
    "cut": "network down, then back",
    "no DNS": "name servers silent, then back",
    "asleep": "asleep, the MX answers meanwhile",
    "MX gone, asleep": "asleep, the MX goes meanwhile",
}

# Places that mostly share their fate.
UNASKED = "connected greeted login sender"
WITH_MX = "accepted EHLO STARTTLS handshake MAIL RCPT second-RCPT"
ASKED = "name-asked " + WITH_MX
TAKEN = "taken two-taken"
OPENING = "DATA one-354"
ONE_CONTENT = "354 content half-dot chunk chunk-there"
CONTENT = "two-354 " + ONE_CONTENT
BEFORE_DOT = f"{UNASKED} {ASKED} {TAKEN} {OPENING} {CONTENT} large-content"
ONE_DOT = "dot BDAT-LAST BDAT-LAST-there dot-to-BDAT"
DOT_OUT = f"{ONE_DOT} dot-unread one-250 two-dots 250-lost"       # and no answer heard
ANSWERED = "done QUIT"

# Reasons that several faults share.
HAD_IT = "the client had its 250 before, or it was on its way"
UNTOUCHED = "the mail needs nothing of what is broken any more"
REFUSED = "RCPT is answered 451: the MX cannot be reached"
NO_WAY = "the connection breaks before the content: the next address or MX would be tried, there is none; 451"
NOT_WHOLE = "the MX went amid the content and has no whole mail; 451 at the end"
IN_TIME = "patience ends: RCPT is answered 451, and whatever the MX says later about this recipient goes no further"
REPORTED = "the first MX said 250, so the client has 250, and the sender a report about the recipient at the second (5.4)"
NO_ANSWER = ("the dot was out and the MX went without an answer: nobody can know whether it kept the mail (RFC 1047). "
             "The client is told 451, and that a copy may exist")
LATE = ("the relay lives and goes on listening: the client is told 451 when patience ends, the MX's 250 comes later and is noted, "
        "and the second try is answered by the guard. TCP repeats what the cut swallowed")
WAKING = ("patience ended in the sleep, and what the MX said or did is there: which of the two is seen first on waking is up to the "
          "system (Linux: patience; Windows: mostly the MX)")

# fault -> rows of (result, or results of which one comes; places; why). Each place is in one row of each fault.
MX_GONE = [
    (["4xx 1"], UNASKED + " name-asked", REFUSED),
    (["4xx 1"], WITH_MX + " taken DATA", NO_WAY),
    (["4xx 1"], ONE_CONTENT + " large-content dot-unread", NOT_WHOLE),
    (["250 1+0 report"], "two-taken one-354 two-354", REPORTED),
    (["4xx 2"], ONE_DOT, NO_ANSWER),
    (["250 1"], "reply-unread " + ANSWERED, UNTOUCHED),
]
TWO_DOTS = [
    (["250 1 report"], "one-250 two-dots", REPORTED + ". That one had the dot and may have kept the mail all the same"),
]
CLIENT_GONE = [
    (["gone 1"], BEFORE_DOT, "the relay lets the MX go without a final dot: nothing was delivered, the second try is the only copy"),
    (["gone 1 guard"], DOT_OUT + " reply-unread", "after the dot the relay finishes the mail alone. The second try finds it delivered, "
     "or waits for the first one's verdict, and is answered by the guard"),
    (["250 1"], ANSWERED, HAD_IT),
]
RESULTS = {
    "killed": [
        (["closed 1"], BEFORE_DOT, "nothing was delivered and the client knows that it has no 250; the second try is the only copy"),
        (["closed 2"], DOT_OUT, "the dot was out and the relay had not answered: the mail may be with the MX, but the client must take "
         "it for lost, and the guard's memory went with the relay. Better twice than never"),
        (["250 1"], "reply-unread " + ANSWERED, HAD_IT),
    ],
    "client reset": CLIENT_GONE,
    "client closed": CLIENT_GONE,
    "MX reset": MX_GONE + TWO_DOTS,
    "MX closed": MX_GONE + TWO_DOTS + [
        (["250 1"], "250-lost", "TCP repeats what was lost before the connection ends: the 250 is heard"),
    ],
    "cut": [
        (["4xx 1"], UNASKED, "MAIL is answered 451: no internet"),
        (["4xx 1"], ASKED, IN_TIME),
        (["4xx 1"], TAKEN + " DATA", "no 354 within patience: DATA is answered 451, no content was sent"),
        (["4xx 1 guard"], "one-354", "the second MX has no 354 within patience and is left out; the first one's 250 comes after patience. "
         "On the second try the guard knows the first MX's copy, the other is sent"),
        (["4xx 1 guard"], f"{CONTENT} {DOT_OUT}", LATE),
        (["250 1"], "large-content", "the client is held back until the network is there again, then the mail goes on. No answer is due before "
     "its dot, so that patience does not run; an MX that takes nothing for three minutes is given up (RFC 5321 section 4.5.3.2.5), and the "
     "client has its 451 behind the dot"),
        (["250 1"], "reply-unread " + ANSWERED, UNTOUCHED),
    ],
    "no DNS": [
        (["4xx 1"], UNASKED + " name-asked", "RCPT is answered 451: no name server answers"),
        (["250 1"], f"{WITH_MX} {TAKEN} {OPENING} {CONTENT} large-content {DOT_OUT} reply-unread {ANSWERED}", UNTOUCHED),
    ],
    "asleep": [
        (["250 1"], f"{UNASKED} {TAKEN} {CONTENT} large-content", "no answer was due: everything goes on where it was"),
        (["4xx 1", "250 1"], ASKED + " DATA", WAKING + ". 451 comes before any content"),
        (["250 1+0 report", "250 1"], "one-354", WAKING + ". Without its 354 the second MX is left out before any content, and the "
         "sender has a report about the recipient there (5.4)"),
        (["4xx 1 guard", "250 1"], DOT_OUT, WAKING + ". After 451 the relay goes on listening, and the guard answers the second try"),
        (["250 1"], "reply-unread " + ANSWERED, HAD_IT),
    ],
    "MX gone, asleep": MX_GONE + [
        (["4xx 1+2 guard", "250 1 report"], "one-250 two-dots", WAKING + ". After 451 the guard knows the first MX's copy at the second "
         "try; the second MX went without an answer and may have kept the mail"),
    ],
}

# (fault, place) -> why not.
SILENT = ("the end of the connection would be lost as well, and to the relay this is an MX that says nothing; played in "
          "`tests/engine/test_resend.c` (who waits is told 451 in time and may come again)")
LEFT_OUT = {("MX reset", "250-lost"): SILENT, ("MX gone, asleep", "250-lost"): SILENT}

CANNOT_BE = """\
* Before RCPT no MX is asked: with the client up to MAIL there is only "no connection yet". A connection kept from a mail before
  belongs to nobody; that it may break is shown in `tests/lab/test_failures.py`.
* RCPT is answered with the MX's verdict, so a client with RCPT answered has an MX that has answered it.
* 354 comes when every MX has said it or failed: a client that awaits it has at least one with DATA unanswered.
* Content comes after that: a client amid content has only MXs with 354 said, or amid content.
* 250 comes when every MX has said it: a client with its 250 has none with an open question but QUIT.
* The steps up to RCPT are not repeated with a second MX, whose recipient is judged apart; the steps that two MXs share are.
"""


def places(fault, long=True):
    return [p for p in PLACES if (long or not p.long) and (fault, p.name) not in LEFT_OUT]


def expected(fault, place):
    """(results of which one must come, why)"""
    rows = [(results, why) for results, names, why in RESULTS[fault] if place.name in names.split()]
    assert len(rows) == 1, f"{fault}, {place.name}: in {len(rows)} rows"
    return rows[0]


# --- the document --------------------------------------------------------------------------------------------------
HEAD = """\
# The crash matrix

Nothing breaks it: what becomes of a mail when something breaks, for each step of the client together with each step of the MX.
Made by `tests/lab/matrix.py`, played by `tests/lab/test_matrix.py` against the Linux and the Windows program; a test compares
this page with what is played.

After the fault an honest client sends the mail again until it has a 250. Then is counted:

* first word: what the client of the first try is left with. `250`; `4xx` or `closed`: it knows that it must try again;
  `gone`: it is the client that went.
* number: copies at the recipient's MX in the end; `1+2` where those of two recipients differ. A mail whose final dot came counts
  as a copy unless it was refused, also if the MX went before it answered: it may have kept it.
* `guard`: the second try was answered by the duplicate guard and not sent.
* `report`: the client has 250, and the sender a non-delivery report about the recipient whose MX failed.
* small number: why, below the table.

Never a 250 without a copy for each recipient, or a report about those who have none. Never a copy without a 250 or a client that
knows that it must try again. Two copies only where the final dot was out and its answer is lost for ever: with the relay, which was
killed, or with the MX, which went.
"""


def document():
    reasons = {}

    def cell(fault, place):
        if (fault, place.name) in LEFT_OUT:
            return "-"
        results, why = expected(fault, place)
        return f"{' or '.join(results)} <sup>{reasons.setdefault(why, len(reasons) + 1)}</sup>"

    rows = [[p.client, p.mx, *(cell(f, p) for f in FAULTS)] for p in PLACES]
    table = [["client", "MX", *FAULTS.values()], ["---"] * (len(FAULTS) + 2), *rows]
    left_out = [f"* {FAULTS[fault]}, while its 250 is lost on the wire: {why}." for (fault, _), why in LEFT_OUT.items()]
    return "\n".join([HEAD, *("| " + " | ".join(row) + " |" for row in table), "", "## Why", "",
                      *(f"{n}. {why[0].upper()}{why[1:]}." for why, n in reasons.items()), "", "## What is left out", "",
                      CANNOT_BE + "\n".join(left_out), ""])


if __name__ == "__main__":
    DOCUMENT.write_text(document())
