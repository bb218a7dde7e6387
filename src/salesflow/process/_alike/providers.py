"""What says nothing of who it is: mail providers, shared mailboxes, legal forms, titles.

Lists of common ones; what they lack is compared as if it were somebody's own.
"""


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


FREE_MAIL = _words(
    "gmail.com icloud.com me.com mac.com aol.com msn.com mail.com email.com proton.me pm.me "
    "protonmail.com fastmail.com tutanota.com ymail.com rocketmail.com web.de freenet.de "
    "t-online.de arcor.de posteo.de mailbox.org orange.fr wanadoo.fr free.fr laposte.net sfr.fr "
    "libero.it virgilio.it alice.it tin.it uol.com.br bol.com.br terra.com.br ig.com.br "
    "comcast.net verizon.net att.net sbcglobal.net cox.net btinternet.com sky.com "
    "bluewin.ch telenet.be skynet.be ziggo.nl kpnmail.nl seznam.cz wp.pl o2.pl onet.pl "
    "interia.pl mail.ru inbox.ru bk.ru list.ru rambler.ru ukr.net qq.com foxmail.com 163.com "
    "126.com sina.com naver.com daum.net hanmail.net nate.com rediffmail.com"
)
"""Domains under which anybody has mail."""

FREE_MAIL_FAMILIES = _words("outlook hotmail live yahoo gmx yandex zoho")
"""The same in many countries: ``yahoo.fr``, ``hotmail.co.uk``."""

SHARED_HOSTS = _words("github gitlab wordpress blogspot myshopify wixsite weebly herokuapp webflow")
"""Under these, each name before the host is somebody else: ``acme.wordpress.com``."""

SECOND_LEVEL = _words("co com net org ac gov edu or ne go ltd plc gob")
"""Labels that make part of the ending of a domain: ``acme.co.uk``."""

SHARED_MAILBOXES = _words(
    "info contact contacts contato contacto kontakt office sales vendas ventas vertrieb hello "
    "hi mail email admin administrator support service help helpdesk team marketing accounts "
    "accounting billing invoice invoices finance buchhaltung einkauf purchasing orders order "
    "procurement reception empfang secretary sekretariat hr jobs press webmaster postmaster "
    "noreply no-reply donotreply none na test unknown nobody example enquiries inquiries post"
)
"""Names of mailboxes that several people share, or nobody has."""

LEGAL_FORMS = _words(
    "inc incorporated corp corporation co company llc llp lp lllp pllc pc ltd limited plc "
    "gmbh mbh ggmbh ag kg kgaa ohg ug ek ev eg se gbr haftungsbeschrankt sa sas sasu sarl eurl "
    "sci snc spa srl srls sl slu slp cv rl bv nv vof cvba bvba sprl as asa aps ab hb oy oyj ky "
    "kk kft zrt bt doo dd ad ead ood eood jsc pjsc ooo oao zao pao tov sro ltda eireli me epp "
    "mei lda pty pte pvt sdn bhd berhad tbk pt cia sia uab ou"
)
"""Legal forms, each as one small word without dots."""

FIRM_SIGNS = _words("gmbh inc llc ltd corp corporation limited sarl ltda plc llp")
"""Those of them that are no name of a person."""

CJK_FORMS = (
    *("股份有限公司", "有限公司", "株式会社", "有限会社", "合同会社"),
    *("주식회사", "유한회사", "(주)", "(株)"),
)
"""The same where words have no blanks between them, as NFKC writes them."""

CONNECTORS = _words("and und et e y i og och en the")
"""Words between the parts of a firm's name, written or left out as anybody likes."""

TITLES = _words("mr mrs ms miss dr prof herr frau mme mlle sr sra sir jr")
"""Words before or after the name of a person."""
