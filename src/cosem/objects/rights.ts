// SPDX-License-Identifier: Apache-2.0
import { access } from "../access.js";

/** Rights that many rows share; the letters are explained in access.ts. */
export const readByAll = access({
	public: "R*",
	management: "R*",
	reader: "R*",
	technician: "R*",
	consumer: "R*",
	metrology: "R*",
});

/** Consumption values, also for the customer's own client. */
export const readByConsumerToo = access({
	management: "R*",
	reader: "R*",
	technician: "R*",
	consumer: "R*",
	metrology: "R*",
});

export const readByStaff = access({ management: "R*", reader: "R*", technician: "R*", metrology: "R*" });

/** Parameters of the utility. */
export const writtenByManagement = access({
	management: "R*;W2",
	reader: "R*",
	technician: "R*",
	metrology: "R*",
});

export const writtenByManagementShownToConsumer = access({
	management: "R*;W2",
	reader: "R*",
	technician: "R*",
	consumer: "R*",
	metrology: "R*",
});

/** Who may try how often at a port. */
export const protectionRights = access({
	management: "R*;W2,3,4,5,6;A1",
	reader: "R*",
	technician: "R*",
	metrology: "R*",
});

/** Parameters that only verification may change, with open seal. */
export const writtenByMetrology = access({
	management: "R*",
	reader: "R*",
	technician: "R*",
	metrology: "R*;W2",
});

export const writtenByMetrologyShownToConsumer = access({
	management: "R*",
	reader: "R*",
	technician: "R*",
	consumer: "R*",
	metrology: "R*;W2",
});
