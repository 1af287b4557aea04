# SPDX-License-Identifier: MIT
"""Programs in which people write mail: it arrives as it was written, and what the recipient's server refuses its writer reads at once."""
import email
import email.policy

import mailers
import pytest

EVERY_MAILER = pytest.mark.parametrize("name", list(mailers.MAILERS))
TEXT = "P\u0159\u00edli\u0161 \u017elu\u0165ou\u010dk\u00fd k\u016f\u0148\n.\n..\n...\n.a\n..b\n\n.\nthe end\n"


@EVERY_MAILER
def test_a_mail_arrives_as_it_was_written(relay, internet, mark, tmp_path, name):
    subject = f"{mark} \u017elu\u0165ou\u010dk\u00fd"
    sent = mailers.send(name, tmp_path, "sender@home.test", ["anna@postfix.test", "emil@exim.test"], subject, f"{mark}\n{TEXT}")
    assert sent.ok, sent.output
    for server, user in ((internet.postfix, "anna"), (internet.exim, "emil")):
        mail = email.message_from_bytes(server.mail.wait(user, mark), policy=email.policy.default)
        assert mail["Subject"] == subject and mail.get_content().replace("\r\n", "\n") == f"{mark}\n{TEXT}"


@EVERY_MAILER
def test_a_refusal_is_read_in_the_words_of_the_recipients_server(relay, mark, tmp_path, name):
    sent = mailers.send(name, tmp_path, "sender@home.test", ["nobody@postfix.test"], mark, mark + "\n")
    assert not sent.ok and "5.1.1 mail.postfix.test said: " in sent.output and "User unknown" in sent.output, sent.output


def test_mutt_as_it_comes_is_told_what_is_wrong(relay, mark, tmp_path):
    """It insists on TLS unless it is told otherwise (ssl_force_tls), and says STARTTLS without having been offered it."""
    mailers.mutt(tmp_path, "sender@home.test", [], mark, "")
    muttrc = (tmp_path / "muttrc").read_text().replace("set ssl_force_tls=no\n", "").replace("set ssl_starttls=no\n", "")
    (tmp_path / "muttrc").write_text(muttrc)
    done = mailers.subprocess.run(["mutt", "-n", "-F", tmp_path / "muttrc", "-s", mark, "--", "anna@postfix.test"], input=b"text\n", cwd=tmp_path,
                                  env={**mailers.os.environ, "HOME": str(tmp_path)}, capture_output=True, timeout=60)
    assert b"TLS" in done.stderr + done.stdout, done
