"""`SYSTEMS`: the systems by the names that ``system=`` takes."""

from collections.abc import Mapping
from types import MappingProxyType

from salesflow.crm.systems._system import System
from salesflow.crm.systems.close import CLOSE
from salesflow.crm.systems.generic import GENERIC
from salesflow.crm.systems.hubspot import HUBSPOT
from salesflow.crm.systems.odoo import ODOO
from salesflow.crm.systems.pipedrive import PIPEDRIVE
from salesflow.crm.systems.salesforce import SALESFORCE
from salesflow.crm.systems.zoho import ZOHO

_ALL = (HUBSPOT, SALESFORCE, PIPEDRIVE, ZOHO, ODOO, CLOSE, GENERIC)

SYSTEMS: Mapping[str, System] = MappingProxyType({system.name: system for system in _ALL})
"""Each system whose exports are known, by its name; ``generic`` is the last."""
