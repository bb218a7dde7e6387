"""E-mail addresses, domains and telephone numbers, as they are compared."""

import pytest

from salesflow.process._alike.written import (
    domain_of,
    is_same_phone,
    label_of,
    mail_of,
    phone_key,
    phone_of,
)


@pytest.mark.parametrize(
    ("text", "address"),
    [
        ("kim@acme.example", "kim@acme.example"),
        (" Kim.Park@ACME.example. ", "kim.park@acme.example"),
        ("Kim Park <kim@acme.example>", "kim@acme.example"),
        ("mailto:kim@acme.example", "kim@acme.example"),
        ("kim+crm@acme.example", "kim@acme.example"),
        ("k.i.m+x@gmail.com", "kim@gmail.com"),
        ("k.im@googlemail.com", "kim@gmail.com"),
        ("k.im@acme.example", "k.im@acme.example"),
        ("jürgen@müller.example", "jürgen@müller.example"),
    ],
)
def test_an_address_is_compared_without_what_does_not_matter(text, address):
    assert mail_of(text).address == address


@pytest.mark.parametrize(
    "text", ["", "kim", "@acme.example", "kim@", "kim@acme", "+x@acme.example", "kim@10.0.0.1", "-"]
)
def test_what_is_no_address_is_none(text):
    assert mail_of(text) is None


@pytest.mark.parametrize(
    "text", ["info@acme.example", "NoReply@acme.example", "sales+eu@a.example"]
)
def test_a_mailbox_that_several_share_is_known(text):
    assert mail_of(text).is_shared
    assert not mail_of("kim@acme.example").is_shared


def test_letters_and_digits_of_an_address():
    mail = mail_of("Kim.Park_02@acme.example")
    assert (mail.letters, mail.digits) == ("kimpark", "02")


@pytest.mark.parametrize(
    ("text", "domain"),
    [
        ("acme.example", "acme.example"),
        ("https://www.Acme.example:8080/a?b#c", "acme.example"),
        ("http://kim@shop.acme.example", "acme.example"),
        ("www.acme.co.uk/x", "acme.co.uk"),
        ("mail.acme.com.br", "acme.com.br"),
        ("co.uk", "co.uk"),
        ("acme.wordpress.com", "acme.wordpress.com"),
        ("acme.example.", "acme.example"),
        ("müller.example", "müller.example"),
    ],
)
def test_a_domain_is_what_somebody_registered(text, domain):
    assert domain_of(text) == domain


@pytest.mark.parametrize(
    "text", ["", "acme", "gmail.com", "mail.yahoo.co.uk", "hotmail.fr", "a b.example", "10.0.0.1"]
)
def test_of_what_is_no_domain_and_of_mail_providers_there_is_none(text):
    assert domain_of(text) is None


def test_the_label_is_the_name_in_the_domain():
    assert label_of("blue-harbor.co.uk") == "blueharbor"


BERLIN = [
    "+49 30 1234567",
    "0049-30-1234567",
    "030 / 123 45 67",
    "(030) 1234567",
    "+49 (0)30 1234567",
    "+49 30 1234567 ext. 12",
    "+49 30 1234567x12",
    "+49 30 1234567;ext=4",
    "tel. 030 1234567",
    "30 1234567",
]


@pytest.mark.parametrize("other", BERLIN)
@pytest.mark.parametrize("one", BERLIN)
def test_all_writings_of_a_number_are_that_number(one, other):
    one, other = phone_of(one), phone_of(other)
    assert is_same_phone(one, other)
    assert phone_key(one) == phone_key(other) == "1234567"


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("+49 30 1234567", "+43 30 1234567"),  # both name a country
        ("030 1234567", "040 1234567"),
        ("1234567", "+4930 99 1234567"),  # more than a country is missing
        ("030 1234567", "030 12345678"),
    ],
)
def test_other_numbers_are_others(one, other):
    assert not is_same_phone(phone_of(one), phone_of(other))


@pytest.mark.parametrize("text", ["", "n/a", "0000000", "999 99 99", "12345", "1234567890123456"])
def test_what_is_no_number_is_none(text):
    assert phone_of(text) is None
