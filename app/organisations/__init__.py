"""Organisations and who belongs where: providers, agencies, authorities, pan-regions.

A regional adoption agency (RAA), the authority that signs its contracts and the authorities it serves are three things. A
person holds seats: a role in an organisation, given by invitation or on request, ended but never erased. Reference data keeps
its source and how sure we are of it, and is loaded again without losing what refers to it.
"""
