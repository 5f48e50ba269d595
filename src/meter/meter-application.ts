// SPDX-License-Identifier: Apache-2.0
import { Billing, billingScript } from "../billing/billing.js";
import { BackupCell } from "../clock/backup-cell.js";
import { DateTime } from "../clock/date-time.js";
import { MeterClock } from "../clock/meter-clock.js";
import type { Limits } from "../control/limits.js";
import type { SupplyControl } from "../control/supply-control.js";
import { readSwitchingOrder } from "../control/switching-order.js";
import { SwitchingPolicy } from "../control/switching-policy.js";
import { DeviceError } from "../core/device-error.js";
import type { Application } from "../cosem/application.js";
import { CosemScheduleHost } from "../cosem/bridges/schedule-host.js";
import { CosemTariffHost } from "../cosem/bridges/tariff-host.js";
import { ConsumerMessages } from "../cosem/consumer-messages.js";
import { AlarmMonitors } from "../cosem/events/alarm-monitors.js";
import { ClientEvents } from "../cosem/events/client-events.js";
import { FunctionList } from "../cosem/functions/function-list.js";
import { switchesFollow } from "../cosem/functions/function-switches.js";
import { defaultHdlcSetup, numberOf } from "../cosem/hdlc/hdlc-setup.js";
import { StoredHdlcSetup } from "../cosem/hdlc/stored-hdlc-setup.js";
import { parseLogicalName } from "../cosem/logical-name.js";
import { clientIndex } from "../cosem/model.js";
import { ObjectDirectory } from "../cosem/object-directory.js";
import { objectIndex } from "../cosem/objects/all.js";
import { factoryDisplayLists } from "../cosem/objects/display.js";
import { profileIndex } from "../cosem/objects/profiles.js";
import { factoryReadoutList } from "../cosem/objects/readout.js";
import { scheduleDefinitions } from "../cosem/objects/schedules.js";
import { calendarDefinitions } from "../cosem/objects/tariff.js";
import { settleCertification } from "../cosem/parameters/certification.js";
import { ParameterMonitor } from "../cosem/parameters/parameter-monitor.js";
import { type AttributeShape, StoredAttributes } from "../cosem/parameters/stored-attributes.js";
import type { Push } from "../cosem/push/push.js";
import { PushSettings } from "../cosem/push/push-settings.js";
import { LiveList } from "../cosem/readout/live-list.js";
import { readRs485Role, writeRs485Role } from "../cosem/rs485-role.js";
import { Scripts, scriptTrigger } from "../cosem/scripts/scripts.js";
import { PortProtection } from "../cosem/security/port-protection.js";
import { SecurityState } from "../cosem/security/security-state.js";
import { UserLists } from "../cosem/security/user-lists.js";
import type { StoredTcpUdpSetup } from "../cosem/wrapper/stored-tcp-udp-setup.js";
import { isLedConstantReachable } from "../drivers/calibrated-front-end.js";
import { ButtonWatch } from "../events/button-watch.js";
import { standardEvent } from "../events/event-codes.js";
import type { EventLogs } from "../events/event-logs.js";
import { eventLog } from "../events/event-sink.js";
import { type FraudHost, FraudWatch } from "../events/fraud-watch.js";
import { TimeEvents } from "../events/time-events.js";
import { defaultElectricalPortSetup, defaultLocalPortSetup } from "../iec62056-21/local-port-setup.js";
import { StoredLocalPortSetup } from "../iec62056-21/stored-local-port-setup.js";
import type { InputsOutputs } from "../io/inputs-outputs.js";
import { Averages } from "../metrology/demand/averages.js";
import { Demand } from "../metrology/demand/demand.js";
import { DemandParameters } from "../metrology/demand/demand-parameters.js";
import { type HarmonicsView, noHarmonics } from "../metrology/harmonics-view.js";
import { isLedConstantListed } from "../metrology/led-constant.js";
import type { Metrology } from "../metrology/metrology.js";
import type { TransformerSetting } from "../metrology/registration.js";
import type { Sampling } from "../metrology/sampling/sampling.js";
import { type SealListener, SealSwitch } from "../metrology/seal-switch.js";
import type { DeviceIdentity } from "../models/identity.js";
import type { ModelDescriptor } from "../models/model.js";
import type { Cipher } from "../ports/cipher.js";
import type { Clock } from "../ports/clock.js";
import { closedHousing, type Housing } from "../ports/housing.js";
import { PowerQualityParameters } from "../power-quality/parameters.js";
import { PowerQuality } from "../power-quality/power-quality.js";
import { StoredQualityLog } from "../power-quality/quality-log.js";
import { ProfileRow } from "../profile/profile-row.js";
import type { Profiles } from "../profile/profiles.js";
import { RecordingInterval } from "../profile/recording-interval.js";
import type { RowLogs } from "../profile/row-logs.js";
import { EntrySchedule } from "../schedule/entry-schedule.js";
import { Schedules } from "../schedule/schedules.js";
import { ChangeCounter } from "../storage/change-counter.js";
import { recordKey } from "../storage/keys.js";
import { OctetParameters } from "../storage/octet-parameters.js";
import type { RecordStore } from "../storage/record-store.js";
import { Calendars } from "../tariff/calendars.js";
import { Tariff } from "../tariff/tariff.js";
import { CheckedRandom } from "./checked-random.js";
import { openPush, openRs485Hdlc, openTcpUdp } from "./communication-parts.js";
import { openInputsOutputs, openLimits, openSupplyControl } from "./control-parts.js";
import { openMeasurement } from "./measurement.js";
import type { MeterPorts, MeterSettings } from "./meter-ports.js";
import { openEventLogs, openProfiles, openRowLogs } from "./recording-parts.js";
import { changeRegistration, setTestMode } from "./sealed-changes.js";
import { makeRoom, openStores } from "./stores.js";

const billingScripts = parseLogicalName("0-0:10.0.1.255");

/** What the object model reaches; wires the parts of one meter together. */
export class MeterApplication implements Application, FraudHost, SealListener {
	readonly model: ModelDescriptor;
	readonly size: MeterSettings["size"];
	readonly identity: DeviceIdentity;
	readonly firmware: MeterSettings["firmware"];
	readonly housing: ButtonWatch;
	readonly directory: ObjectDirectory;
	readonly security: SecurityState;
	readonly users: UserLists;
	readonly portProtection: PortProtection;
	readonly opticalPort: StoredLocalPortSetup;
	readonly opticalHdlc: StoredHdlcSetup;
	readonly rs485Hdlc: StoredHdlcSetup | undefined;
	rs485Role: number;
	readonly tcpUdp: StoredTcpUdpSetup | undefined;
	readonly metrology: Metrology;
	readonly calibrated_s: number | undefined;
	readonly isCalibrated: boolean;
	readonly sampling: Sampling | undefined;
	readonly harmonics: HarmonicsView;
	readonly clock: MeterClock;
	readonly events: EventLogs;
	/** What clients do, for the event logs. */
	readonly clientEvents: ClientEvents;
	readonly timeEvents: TimeEvents;
	readonly demand: Demand;
	readonly averages: Averages;
	readonly powerQuality: PowerQuality;
	readonly readoutList: LiveList;
	readonly profiles: Profiles;
	readonly billing: Billing;
	readonly interval: RecordingInterval;
	readonly profileRow = new ProfileRow();
	readonly rowLogs: RowLogs;
	readonly scripts: Scripts = new Scripts(this);
	readonly schedules: Schedules;
	readonly scheduleHost: CosemScheduleHost = new CosemScheduleHost(this);
	readonly entrySchedule: EntrySchedule;
	readonly switching: SwitchingPolicy | undefined;
	readonly supplyControl: SupplyControl | undefined;
	readonly limits: Limits | undefined;
	readonly io: InputsOutputs | undefined;
	readonly fraud: FraudWatch;
	readonly alarmMonitors: AlarmMonitors;
	readonly push: Push;
	readonly pushSettings: PushSettings;
	readonly tariff: Tariff;
	readonly calendars: Calendars;
	readonly changes: ChangeCounter;
	readonly monitor: ParameterMonitor;
	readonly octetParameters: OctetParameters;
	readonly time = new DateTime();
	readonly scratch = new Uint8Array(OctetParameters.maximumLength);
	readonly seal: SealSwitch;
	readonly journal: RecordStore;
	readonly cipher: Cipher;
	readonly random: CheckedRandom;
	readonly #monotonic: Clock;
	readonly #lineClock: Clock;
	readonly #parameters: RecordStore;

	constructor(ports: MeterPorts, settings: MeterSettings) {
		const { model } = settings;
		const stores = openStores(ports, settings);
		const { journal, parameters } = stores;
		this.journal = journal;
		this.cipher = ports.cipher;
		this.random = new CheckedRandom(ports.random);
		if (!this.random.isHealthy)
			ports.log.write("error", "random", "the generator failed its test: nothing that needs it works");
		this.model = model;
		this.size = settings.size;
		this.identity = settings.identity;
		this.firmware = settings.firmware;
		const housing: Housing = ports.housing ?? closedHousing;
		this.seal = new SealSwitch(housing, this);
		this.#monotonic = ports.clock;
		this.directory = new ObjectDirectory(objectIndex, model);
		this.security = new SecurityState(journal, settings.factorySecurity, parameters);
		this.users = new UserLists(parameters);
		this.opticalPort = new StoredLocalPortSetup(parameters, recordKey.opticalPort, defaultLocalPortSetup());
		const hdlc = defaultHdlcSetup(numberOf(settings.identity.serialNumber));
		this.opticalHdlc = new StoredHdlcSetup(parameters, recordKey.opticalHdlc, hdlc);
		this.rs485Hdlc = openRs485Hdlc(settings, parameters, hdlc);
		this.tcpUdp = openTcpUdp(ports, settings, parameters);
		this.#parameters = parameters;
		this.rs485Role = readRs485Role(parameters);
		this.readoutList = new LiveList(parameters, recordKey.readoutList, factoryReadoutList);
		this.clock = new MeterClock(ports.clock, ports.rtc, journal, parameters);
		const { clock } = this;
		const measurement = openMeasurement(ports, settings, { journal, parameters, housing, clock });
		const { metrology, frontEnd, sampling } = measurement;
		this.metrology = metrology;
		this.calibrated_s = measurement.calibrated_s;
		this.isCalibrated = measurement.isCalibrated;
		this.sampling = sampling;
		this.harmonics = sampling ?? noHarmonics;
		this.events = openEventLogs(ports, this, stores);
		this.housing = new ButtonWatch(housing, this);
		this.alarmMonitors = new AlarmMonitors(this, parameters);
		this.events.alarms.listener = this.alarmMonitors;
		this.rowLogs = openRowLogs(ports, this, stores);
		this.clientEvents = new ClientEvents(this.events);
		this.security.listen(this.clientEvents);
		this.timeEvents = new TimeEvents(this.clock, this.events);
		this.timeEvents.started();
		this.events.rest();
		this.clock.addListener(this.timeEvents);
		const ofDemand = { energies: metrology, clock, parameters: new DemandParameters(parameters), journal };
		this.averages = new Averages({ ...ofDemand, model });
		this.demand = new Demand({ ...ofDemand, listener: this.averages });
		// before the profiles, which capture what has been closed
		metrology.addListener(this.demand);
		metrology.addListener(this.averages);
		this.clock.addListener(this.demand);
		this.clock.addListener(this.averages);
		const switching = readSwitchingOrder(parameters);
		if (switching !== undefined) this.switching = new SwitchingPolicy(switching, ports.clock, this.random);
		this.supplyControl = openSupplyControl(ports, this, parameters);
		this.limits = openLimits(ports, this, parameters);
		this.io = openInputsOutputs(ports, this, parameters);
		this.fraud = new FraudWatch({
			model,
			housing,
			metrology,
			clock,
			events: this.events,
			journal,
			parameters,
			host: this,
		});
		this.clientEvents.fraud = this.fraud;
		this.#lineClock = ports.lineClock ?? ports.clock;
		this.portProtection = new PortProtection(parameters, journal, this.fraud.parameters, this.now_ms());
		const tariffHost = new CosemTariffHost(this, metrology);
		this.tariff = new Tariff({ clock, monotonic: ports.clock, journal, parameters, host: tariffHost });
		this.calendars = new Calendars(calendarDefinitions, clock, parameters, tariffHost);
		this.clock.addListener(this.calendars);
		this.clock.addListener(this.tariff);
		this.powerQuality = new PowerQuality({
			model,
			frontEnd,
			parameters: new PowerQualityParameters(parameters, model.nominalVoltage_V),
			clock,
			journal,
			events: this.events,
			log: new StoredQualityLog(this.rowLogs, this.events),
		});
		metrology.addListener(this.powerQuality);
		sampling?.addListener(this.powerQuality.thd);
		sampling?.addListener(this.powerQuality.thdLimits);
		this.changes = new ChangeCounter(parameters);
		this.monitor = new ParameterMonitor(this, parameters);
		this.octetParameters = new OctetParameters(parameters);
		const places = [profileIndex.billing1, profileIndex.billing2] as const;
		this.billing = new Billing({ meter: this, places, monotonic: ports.clock, journal, parameters });
		this.interval = new RecordingInterval(journal, metrology);
		this.profiles = openProfiles(ports, this, stores);
		this.schedules = new Schedules({
			definitions: scheduleDefinitions,
			clock,
			journal,
			parameters,
			host: this.scheduleHost,
		});
		this.entrySchedule = new EntrySchedule({ clock, journal, parameters, meter: this });
		// behind all whose values a script may close or store
		this.clock.addListener(this.schedules);
		this.clock.addListener(this.entrySchedule);
		this.pushSettings = new PushSettings(parameters, this.directory);
		this.push = openPush(ports, this, journal, this.random);
		this.clientEvents.push = this.push;
		// a column may be an attribute of any part
		this.profiles.start();
		this.billing.start();
		settleCertification(this);
		this.monitor.start();
		// behind all that is made for what was ordered
		this.functions().apply();
		switchesFollow(this);
		const { lastAlive_s, wasValid } = clock;
		if (lastAlive_s !== undefined && wasValid && clock.isValid) this.profiles.supplyReturned(lastAlive_s);
	}

	/** As of `IdleMemory`. */
	makeRoom(): void {
		makeRoom(this.journal);
		makeRoom(this.#parameters);
	}

	stored(key: number, shape: AttributeShape): StoredAttributes {
		return new StoredAttributes(this.#parameters, key, shape);
	}

	monotonic_ms(): number {
		return this.#monotonic.monotonic_ms();
	}

	now_ms(): number {
		return this.#lineClock.monotonic_ms();
	}

	isSealOpen(): boolean {
		return this.seal.isOpenAt(this.#monotonic.monotonic_ms());
	}

	displayList(e: number): LiveList {
		return new LiveList(this.#parameters, recordKey.displayLists + e - 1, factoryDisplayLists[e - 1]!);
	}

	functions(): FunctionList {
		return new FunctionList(this.#parameters, this.directory);
	}

	consumerMessages(): ConsumerMessages {
		return new ConsumerMessages(this.#parameters);
	}

	backupCell(): BackupCell {
		return new BackupCell(this.clock, this.journal, this.#parameters);
	}

	setTestMode(isOn: boolean): void {
		setTestMode(this, isOn);
	}

	sealChanged(isOpen: boolean): void {
		if (!isOpen) this.setTestMode(false);
		this.events.event(eventLog.standard, isOpen ? standardEvent.sealOpened : standardEvent.sealClosed);
	}

	mayRegister(setting: TransformerSetting): boolean {
		return this.metrology.mayRegister(setting);
	}

	changeRegistration(setting: TransformerSetting): boolean {
		return changeRegistration(this, setting);
	}

	maySetLedConstant(constant: number): boolean {
		return isLedConstantListed(this.model, constant) && isLedConstantReachable(this.model, constant);
	}

	get ledSources(): readonly number[] {
		return this.metrology.ledSources;
	}

	setLedSources(sources: readonly number[]): boolean {
		return this.metrology.setLedSources(sources);
	}

	setLedConstant(constant: number, quantity: number): boolean {
		return this.metrology.setLedConstant(constant, quantity);
	}

	rs485Port(): StoredLocalPortSetup {
		return new StoredLocalPortSetup(this.#parameters, recordKey.rs485Port, defaultElectricalPortSetup());
	}

	changeRs485Role(role: number): void {
		writeRs485Role(this.#parameters, role);
		this.rs485Role = role;
	}

	get isLoadSideFed(): boolean | undefined {
		return this.supplyControl?.isLoadSideFed;
	}

	fraudDetected(cause: number): void {
		this.billing.fraud(cause);
		this.supplyControl?.fraudDetected(cause);
	}

	/** As script 1 of 0-0:10.0.1: obeys the lock-out time, and is logged. */
	resetDemand(): void {
		this.scripts.execute(billingScripts, billingScript.endOfPeriod, {
			client: clientIndex.management,
			trigger: scriptTrigger.local,
		});
	}

	measuringPeriod_s(): number {
		return this.demand.period_s;
	}

	parameterChanged(): void {
		this.monitor.check(this.clientEvents.addressed);
		this.changes.increment(this.clock.utc_s());
		this.clientEvents.parameterChanged();
	}

	protectedParameterChanged(): void {
		this.monitor.check(this.clientEvents.addressed);
		this.changes.increment(this.clock.utc_s(), true);
		this.clientEvents.parameterChanged();
	}

	tariffSchemeChanged(): void {
		this.events.event(eventLog.standard, standardEvent.tariffSchemeChanged);
		this.parameterChanged();
	}

	energyGiven(): void {
		this.metrology.energyGiven();
	}

	beforeResponse(): void {
		if (!this.metrology.commitGiven()) throw new DeviceError("flash", "refused");
		this.io?.inputs.store();
	}
}
