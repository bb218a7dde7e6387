"""Who there is: firms, and the people that leads are about.

Seeded, and written before the matcher, without its rules: what is alike here is alike because
people and firms are so. The hard cases are planted on purpose: namesakes in other firms, relatives
in one firm, some of them with first names a letter apart, couples with one telephone, sister
firms, colleagues behind one switchboard and one ``info@`` address.
"""

import unicodedata
from collections.abc import Sequence
from random import Random

import attrs


def _names(text: str) -> list[str]:
    return text.split()


FIRST_NAMES = _names(
    "James Mary John Patricia Robert Jennifer Michael Linda William Elizabeth David Barbara "
    "Richard Susan Joseph Jessica Thomas Sarah Charles Karen Daniel Nancy Matthew Lisa "
    "Anthony Betty Mark Sandra Andrew Emily Joshua Donna Kevin Michelle Brian Carol George "
    "Amanda Peter Melissa Hans Anna Jürgen Sabine Klaus Ursula Wolfgang Petra Stefan Monika "
    "Jörg Birgit Günther Käthe Lukas Lena Felix Hannah Jonas Mia Maximilian Sophie Jean Marie "
    "Pierre Françoise Michel Hélène André Céline François Aurélie Luc Zoé José María Juan "
    "Carmen Antonio Josefa Álvaro Lucía Pablo Inés João Ana Paulo Conceição Luís Beatriz "
    "Tiago Fernanda Giuseppe Giulia Marco Chiara Luca Francesca Kim Min-jun Seo-yeon Ji-hoon "
    "Ha-eun Hiroshi Yuki Kenji Sakura Wei Fang Jing Lei Piotr Katarzyna Łukasz Agnieszka "
    "Søren Mette Bjørn Ingrid Åsa Erik Olga Dmitri Svetlana Ivan Mehmet Ayşe Fatma Mustafa "
    "Omar Layla Yusuf Amina Priya Rahul Anjali Vikram Chidi Ngozi Kwame"
)

LAST_NAMES = _names(
    "Smith Johnson Williams Brown Jones Garcia Miller Davis Rodriguez Martinez Hernandez "
    "Lopez Gonzalez Wilson Anderson Thomas Taylor Moore Jackson Martin Lee Perez Thompson "
    "White Harris Sanchez Clark Ramirez Lewis Robinson Walker Young Allen King Wright Scott "
    "Torres Nguyen Hill Müller Schmidt Schneider Fischer Weber Meyer Wagner Becker Schulz "
    "Hoffmann Schäfer Koch Bauer Richter Klein Wolf Schröder Neumann Schwarz Zimmermann "
    "Krüger Dubois Lefèvre Moreau Laurent Simon Michel Leroy Roux Fournier Girard Rossi Russo "
    "Ferrari Esposito Bianchi Romano Silva Santos Oliveira Souza Pereira Costa Ferreira "
    "Almeida Kim Park Choi Jung Kang Tanaka Suzuki Watanabe Wang Li Zhang Chen Liu Kowalski "
    "Nowak Wiśniewski Hansen Jensen Nielsen Andersson Johansson Virtanen Ivanov Petrov "
    "Y\u0131lmaz Kaya Demir Khan Ali Hussain Patel Sharma Singh Okafor"
)

# Names a letter or two apart, as brothers and sisters may have them.
NEAR_NAMES = (
    ("Anna", "Hanna"), ("Jan", "Jana"), ("Maria", "Marie"), ("Erik", "Erika"), ("Lena", "Lina"),
    ("Paul", "Paula"), ("Daniel", "Daniela"), ("Karl", "Karla"), ("Tim", "Tom"), ("Mia", "Lia"),
    ("Simon", "Simone"), ("Julia", "Julian"), ("Marc", "Marco"), ("Nina", "Mina"), ("Kai", "Kaia"),
)  # fmt: skip

# Surnames that a list of the commonest ones does not have; many are a letter apart too.
_STARTS = _names(
    "Hol Lind Kar Berg Wester Öster Nor Sand Stein Alt Neu Roth Grün Eich Hart Brand Falken "
    "Kron Winter Sommer Feld Rosen Blum Gold Silber Eisen Kupfer Stern Mond Morgen Abend Wald "
    "Moor Heide Tal Brunn Loch Mac Fitz Ash Brad Hunt Thorn Whit Black Green Red Long Short "
    "Elder Ever Fair Gar Hal Ing Jar Kel Lor Mar Nes Or Pem Quin Ral Sel Tor Ul Ver Wys Yar "
    "Zel Bel Cor Dan"
)
_ENDS = _names(
    "berg qvist inen strom gaard mann hauser bach stein thal feld wald hoff er ing ton ley "
    "field worth ford man son sen ski wicz ova ez ini elli etti eau ard ier ou akis ian yan "
    "ko enko uk dorf burg kamp brink meier horst au ow itz"
)

_WORDS = _names(
    "North South Blue Green Silver Golden Bright Harbor River Summit Atlas Nova Delta Orion "
    "Vector Prime Nordwind Alpen Rhein Hanse Lumen Terra Aqua Solar Stella Vega Polar Iris "
    "Zenith Cobalt Amber Falcon Eagle Cedar Maple Oak Granite Quartz Pixel Cyber Quantum "
    "Helix Apex Pioneer Liberty Union Global United Central Pacific Atlantic Continental "
    "Metro Urban Rapid Swift Clear Open True Pure First Modern Smart Agile Fusion Matrix "
    "Vertex Axis Omni Evo Neo Inter Trans"
)
_TRADES = _names(
    "Systems Solutions Services Software Logistics Logistik Energie Energy Consulting "
    "Partners Media Design Studio Labs Technologies Technik Maschinenbau Bau Construction "
    "Foods Pharma Medical Health Analytics Security Networks Telecom Capital Finance "
    "Insurance Immobilien Realty Transport Shipping Textiles Fashion Plastics Chemicals Steel "
    "Metals Tools Robotics Automation Electronics Optics Printing Packaging Interiors "
    "Furniture Travel Hotels Events Academy Legal Marketing Digital Cloud Data Ventures Group "
    "Industries Trading Import Export"
)
_CITIES = _names("Berlin Hamburg Lyon London Boston Austin Porto Madrid Milano Seoul Oslo Wien")

FORMS = {
    "DE": ("GmbH", "AG", "GmbH & Co. KG", "UG", "KG", "e.K."),
    "US": ("Inc", "Inc.", "LLC", "Corp.", "Corporation", "Co.", "L.L.C."),
    "GB": ("Ltd", "Ltd.", "Limited", "PLC", "LLP"),
    "FR": ("SARL", "S.A.", "SAS", "SA"),
    "IT": ("S.p.A.", "S.r.l.", "SRL"),
    "BR": ("Ltda", "Ltda.", "S.A."),
    "KR": ("Co., Ltd.", "Inc.", "Corp."),
}
# The country's code, and what is dialled before a number within the country.
DIALS = {
    "DE": ("49", "0"), "US": ("1", ""), "GB": ("44", "0"), "FR": ("33", "0"), "IT": ("39", "0"),
    "BR": ("55", ""), "KR": ("82", "0"),
}  # fmt: skip
_TLDS = {"DE": "de", "US": "com", "GB": "co.uk", "FR": "fr", "IT": "it", "BR": "com.br", "KR": "kr"}
_PRIVATE = (
    "gmail.com",
    "outlook.com",
    "yahoo.com",
    "hotmail.com",
    "icloud.com",
    "gmx.de",
    "web.de",
)
_NO_LATIN = str.maketrans({"ß": "ss", "ø": "o", "Ø": "O", "ł": "l", "Ł": "L", "\u0131": "i"})


@attrs.define(eq=False)
class Firm:
    """A firm: its name without the legal form, and what its people share."""

    name: str
    form: str
    country: str
    domain: str
    switchboard: str
    mail_pattern: str
    mails: set[str] = attrs.Factory(set)

    def mail(self, pattern: str, first: str, last: str) -> str:
        """A new address at the firm; a namesake's has a number."""
        return _taken_once(mail_name(pattern, first, last), self.domain, self.mails)


@attrs.define(eq=False)
class Person:
    """Somebody who may buy, and where they are reached."""

    first: str
    last: str
    firm: Firm | None
    country: str
    phone: str
    """The national number, without what is dialled before it."""
    work_mail: str | None
    private_mail: str


def folded(text: str) -> str:
    """The text in plain Latin letters and digits, small, as an address has it."""
    plain = unicodedata.normalize("NFKD", text.translate(_NO_LATIN)).lower()
    return "".join(char for char in plain if char.isascii() and char.isalnum())


def mail_name(pattern: str, first: str, last: str) -> str:
    """The part before the @, by the habit of a firm."""
    one, two = folded(first) or "x", folded(last) or "x"
    return pattern.format(first=one, last=two, f=one[0], l=two[0])


PATTERNS = (
    *("{first}.{last}", "{f}{last}", "{first}", "{f}.{last}", "{first}{l}"),
    *("{last}", "{first}_{last}"),
)
"""Habits of firms to make an address of a name."""


class World:
    """Makes firms and people; each call gives others."""

    def __init__(self, random: Random) -> None:
        self.random = random
        self._firms: dict[str, Firm] = {}
        self._domains: set[str] = set()
        self._private_mails: set[str] = set()

    def first_name(self) -> str:
        """Some first names are ten times as common as others."""
        return _common(self.random, FIRST_NAMES)

    def last_name(self) -> str:
        """A third of the people share a few surnames, the others have rarer ones."""
        if self.random.random() < 0.35:
            return _common(self.random, LAST_NAMES)
        return self.random.choice(_STARTS) + self.random.choice(_ENDS)

    def firm(self, like: Firm | None = None) -> Firm:
        """A new firm; a sister of another has the first word of its name."""
        name = self._firm_name(like)
        while name in self._firms:
            name = self._firm_name(like)
        country = self.random.choice([*FORMS]) if like is None else like.country
        made = Firm(
            name=name,
            form=self.random.choice(FORMS[country]),
            country=country,
            domain=self._domain(name, country),
            switchboard=self.number(country),
            mail_pattern=self.random.choice(PATTERNS[:5]),
        )
        self._firms[name] = made
        return made

    def number(self, country: str) -> str:
        """A national number of the country, as long as they are there."""
        length = {"DE": self.random.choice((9, 10, 11)), "FR": 9, "IT": 9, "KR": 9}.get(country, 10)
        first = self.random.choice("23456789")
        return first + "".join(self.random.choices("0123456789", k=length - 1))

    def person(
        self,
        firm: Firm | None,
        *,
        first: str | None = None,
        last: str | None = None,
        phone: str | None = None,
    ) -> Person:
        """Somebody of a firm, or a private person; of the names given, if any."""
        first = first or self.first_name()
        last = last or self.last_name()
        country = firm.country if firm else self.random.choice([*FORMS])
        return Person(
            first=first,
            last=last,
            firm=firm,
            country=country,
            phone=phone or self._own_or_switchboard(firm, country),
            work_mail=firm.mail(firm.mail_pattern, first, last) if firm else None,
            private_mail=self._private_mail(first, last),
        )

    def _own_or_switchboard(self, firm: Firm | None, country: str) -> str:
        if firm is not None and self.random.random() < 0.35:
            return firm.switchboard
        return self.number(country)

    def _private_mail(self, first: str, last: str) -> str:
        name = mail_name(self.random.choice(("{first}.{last}", "{first}{last}")), first, last)
        if self.random.random() < 0.3:
            name += str(self.random.randrange(1950, 2010))
        return _taken_once(name, self.random.choice(_PRIVATE), self._private_mails)

    def _firm_name(self, like: Firm | None) -> str:
        trade, kind = self.random.choice(_TRADES), self.random.random()
        if like is not None:
            head = like.name.split()[0]
            return f"{head} {trade}" if kind < 0.7 else f"{like.name} {self.random.choice(_CITIES)}"
        if kind < 0.25:
            return f"{self.last_name()} {trade}"
        if kind < 0.33:
            return f"{self.last_name()} & {self.last_name()}"
        if kind < 0.4:
            return f"{self.last_name()} {self.random.choice(('& Söhne', '& Sons', '& Partner'))}"
        words = self.random.choice(_WORDS), self.random.choice(_WORDS)
        if kind < 0.7:
            return f"{words[0]} {trade}"
        return f"{words[0]}{words[1].lower()} {trade}" if kind < 0.85 else f"{words[0]} {words[1]}"

    def _domain(self, name: str, country: str) -> str:
        words = [folded(word) for word in name.split() if folded(word)]
        labels = ["".join(words), "-".join(words), words[0], f"{words[0]}-{words[-1][:3]}"]
        tlds = [_TLDS[country], "com", "net", "eu"]
        self.random.shuffle(labels)
        for tld in tlds:
            for label in labels:
                if f"{label}.{tld}" not in self._domains:
                    self._domains.add(f"{label}.{tld}")
                    return f"{label}.{tld}"
        number = len(self._domains)
        self._domains.add(f"{labels[0]}{number}.com")
        return f"{labels[0]}{number}.com"


def _common(random: Random, names: Sequence[str]) -> str:
    """One of the names, those at the front more often."""
    return names[int(random.expovariate(2 / len(names))) % len(names)]


def _taken_once(name: str, domain: str, taken: set[str]) -> str:
    """An address that nobody has yet."""
    address, number = f"{name}@{domain}", 1
    while address in taken:
        number += 1
        address = f"{name}{number}@{domain}"
    taken.add(address)
    return address


def people(n: int, random: Random) -> list[Person]:
    """At least ``n`` people, of whom no two are the same, many of them confusable."""
    world = World(random)
    found: list[Person] = []
    firm: Firm | None = None
    while len(found) < n:
        firm = world.firm(firm if firm and random.random() < 0.06 else None)
        staff = [world.person(firm) for _ in range(min(int(random.paretovariate(1.05)), 250))]
        for person in [*staff]:
            if random.random() < 0.05:
                staff += _relatives(world, person)
        others = [world.person(None) for _ in range(random.randrange(2))]
        found += [*staff, *others, *_namesakes(world, [*staff, *others]), *_couple(world)]
    random.shuffle(found)
    return found


def _relatives(world: World, person: Person) -> list[Person]:
    """One of the same surname in the same firm; or two, with first names a letter apart."""
    if world.random.random() < 0.2:
        names = world.random.choice(NEAR_NAMES)
        return [world.person(person.firm, first=first, last=person.last) for first in names]
    other = world.first_name()
    while other == person.first:
        other = world.first_name()
    return [world.person(person.firm, first=other, last=person.last)]


def _namesakes(world: World, staff: list[Person]) -> list[Person]:
    """People of the same name in another firm, or in none."""
    chosen = [person for person in staff if world.random.random() < 0.06]
    firms = [world.firm() if world.random.random() < 0.75 else None for _ in chosen]
    return [
        world.person(firm, first=person.first, last=person.last)
        for person, firm in zip(chosen, firms, strict=True)
    ]


def _couple(world: World) -> list[Person]:
    """Now and then, two people of one surname and one telephone at home."""
    if world.random.random() >= 0.03:
        return []
    one = world.person(None)
    other = world.first_name()
    while other == one.first:
        other = world.first_name()
    two = world.person(None, first=other, last=one.last, phone=one.phone)
    two.country = one.country
    return [one, two]
