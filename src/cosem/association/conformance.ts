// SPDX-License-Identifier: Apache-2.0

/** Bits of the conformance block as numbers of 24 bits: bit 0 of the standard is the most significant. */
export const conformanceBit = Object.freeze({
	generalProtection: 0x40_0000,
	generalBlockTransfer: 0x20_0000,
	priorityManagement: 0x00_4000,
	attribute0WithGet: 0x00_2000,
	blockTransferWithGet: 0x00_1000,
	blockTransferWithSet: 0x00_0800,
	blockTransferWithAction: 0x00_0400,
	multipleReferences: 0x00_0200,
	dataNotification: 0x00_0080,
	access: 0x00_0040,
	get: 0x00_0010,
	set: 0x00_0008,
	selectiveAccess: 0x00_0004,
	eventNotification: 0x00_0002,
	action: 0x00_0001,
});

/** What this release can do; a client is granted the part of its own block that is in here. */
export const implementedConformance =
	conformanceBit.generalProtection |
	conformanceBit.generalBlockTransfer |
	conformanceBit.priorityManagement |
	conformanceBit.attribute0WithGet |
	conformanceBit.blockTransferWithGet |
	conformanceBit.blockTransferWithSet |
	conformanceBit.blockTransferWithAction |
	conformanceBit.multipleReferences |
	conformanceBit.access |
	conformanceBit.get |
	conformanceBit.set |
	conformanceBit.selectiveAccess |
	conformanceBit.action;

/** Without at least one of these an association is of no use. */
export const usefulServices = conformanceBit.get | conformanceBit.set | conformanceBit.action | conformanceBit.access;
