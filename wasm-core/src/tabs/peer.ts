/**
 * One tab's worker among those of an account: leader, or follower of another. What its tab has open
 * and what is not known to be kept stands here, so that any change of leader is the same step: `join`
 * the new one with all of it. The leader joins itself.
 *
 *   following --lock granted--> leading --suspend, lock lost, fenced, stepDown--> following
 *       |--leader frozen: take over--^ |--core stopped--> rebuilding --> leading (bounded), or halted
 */
import { isIntent, type Intent, type Signal, type TabCommand } from '../core/commands';
import { Desk, type DeskCore } from './desk';
import { FollowedViews } from './followed_views';
import { LeaderWatch } from './leader_watch';
import { Leadership, type Locks } from './leadership';
import {
  isNewer,
  PROTO,
  type Announcement,
  type Envelope,
  type FromTab,
  type ToFollower,
  type ToLeader,
  type ToTab,
} from './messages';

/** An instance of the core that leads. */
export interface LeadingCore extends DeskCore {
  /** Of storage's fence; 0 in memory mode. */
  readonly term: number;
  network(online: boolean): void;
  flush(): Promise<void>;
  dispose(): void;
}

export interface CoreEvents {
  onView(view: number, json: string): void;
  onKept(tempIds: readonly string[]): void;
  onSessionEnded(): void;
  onOutdated(): void;
  onReport(json: string): void;
  onFenced(): void;
  onStorageGone(): void;
  onStopped(error: Error): void;
}

export interface Channel {
  post(envelope: Envelope): void;
  onMessage(listener: (envelope: Envelope) => void): void;
  close(): void;
}

export interface PeerParts {
  readonly id: string;
  readonly version: string;
  /** Both are absent where tabs cannot find each other (no secure context): then each tab leads itself. */
  readonly locks: Locks | undefined;
  readonly channel: Channel | undefined;
  readonly lockName: string;
  /** The lock that this worker alone holds, for as long as it lives. */
  readonly ownLockName: string;
  startCore(events: CoreEvents): Promise<LeadingCore>;
  /** Resolves to whether everything is deleted; never rejects. */
  wipe(): Promise<boolean>;
  toTab(message: ToTab): void;
  /**
   * Resolves once others can tell that this tab lives. Nothing is announced before: a leader that
   * watched a tab too early would take it for gone, and serve it no more.
   */
  showAlive(): Promise<void>;
  /** Calls back once the tab of that id is gone for good, closed or crashed. */
  watchTab(id: string, gone: () => void): void;
  wait(ms: number): Promise<void>;
  nowMs(): number;
  /** In [0, 1). */
  random(): number;
}

const UNKEPT_MAX = 10_000;
const SIGNALS_MAX = 200;
const REBUILDS_MAX = 5;
const REBUILD_WINDOW_MS = 5 * 60_000;
const REBUILD_FIRST_MS = 200;

export class Peer {
  private readonly views = new FollowedViews();
  private readonly unkept = new Map<string, Intent>();
  private signals: Signal[] = []; // said since the leader last gave a sign of life
  private visible = false;
  private online = true;

  private readonly leadership: Leadership | undefined;
  private readonly watch: LeaderWatch;
  private leader: string | undefined;
  private term = 0;
  private desk: Desk | undefined;
  private core: LeadingCore | undefined;
  /** Of the present leading; what an older instance still says is not listened to. */
  private generation = 0;
  private stops: number[] = [];
  private ended = false;
  private alive = false; // `showAlive` is through
  private suspended = false;
  private leading = false; // as the tab was told
  private outdated = false; // stepped down for a newer version
  private toldOutdated = false;

  constructor(private readonly parts: PeerParts) {
    parts.channel?.onMessage((envelope) => this.hear(envelope));
    if (parts.locks !== undefined) {
      this.leadership = new Leadership(parts.locks, parts.lockName, {
        onGranted: () => this.granted(),
        onLost: () => this.stepBack(true),
      });
    }
    this.watch = new LeaderWatch({
      ...parts,
      ping: () => this.announce({ t: 'ping' }),
      takeOver: () => this.takeOver(),
    });
  }

  /** What the tab says meanwhile is kept until somebody leads. */
  async start(): Promise<void> {
    await this.parts.showAlive();
    this.alive = true;
    if (this.ended) return;
    if (this.leadership === undefined) return this.lead();
    if (!this.suspended) this.takePart();
  }

  /** In line to lead, and a follower of whoever leads. */
  private takePart(): void {
    if (!this.outdated) this.leadership?.take();
    this.announce({ t: 'who' });
    this.watchLeader();
  }

  /** Only a tab that is looked at needs a leader at once: hidden ones let a frozen one sleep. */
  private watchLeader(): void {
    const following = this.alive && !this.ended && !this.suspended && !this.outdated;
    if (following && this.visible && this.leadership?.held === false) this.watch.start();
    else this.watch.stop();
  }

  handle(message: FromTab): void {
    if (this.ended && message.t !== 'end') return; // who signs out is answered, also where another tab was first
    switch (message.t) {
      case 'start':
      case 'drawn':
        return; // the worker's own
      case 'command':
        return this.command(message.command);
      case 'open':
        return this.toLeader({ ...this.views.open(message), t: 'open', older: 0 });
      case 'close':
        this.views.close(message.view);
        return this.toLeader({ t: 'close', view: message.view });
      case 'older':
        return this.older(message.view, message.requestId);
      case 'visible':
        this.visible = message.visible;
        this.watchLeader();
        return this.toLeader({ t: 'visible', visible: message.visible });
      case 'askTrace':
        return this.toLeader(message);
      case 'network':
        return this.networkChanged(message.online);
      case 'suspend':
        return void this.suspend();
      case 'resume':
        this.suspended = false;
        return this.alive ? this.takePart() : undefined; // else `start` is about to
      case 'end':
        return void this.end(message.wipe);
    }
  }

  private networkChanged(online: boolean): void {
    this.online = online;
    this.core?.network(online);
  }

  // ---- to the leader ----

  private command(command: TabCommand): void {
    if (isIntent(command)) {
      if (this.unkept.size < UNKEPT_MAX) this.unkept.set(command.tempId, command);
    } else if (this.core === undefined && command.t !== 'typing') {
      if (this.signals.length === SIGNALS_MAX) this.signals.shift();
      this.signals.push(command); // they may be said twice: each says what is, not what changes
    }
    this.toLeader({ t: 'command', command });
  }

  private older(view: number, requestId: number): void {
    if (this.leader === undefined || !this.views.askOlder(view, requestId)) {
      return this.parts.toTab({ t: 'olderDone', requestId });
    }
    this.toLeader({ t: 'older', view, requestId });
  }

  private join(): void {
    for (const requestId of this.views.takeOlderAsked()) this.parts.toTab({ t: 'olderDone', requestId });
    const commands: TabCommand[] = [...this.unkept.values(), ...this.signals];
    this.signals = [];
    this.toLeader({ t: 'join', views: this.views.beginAnew(), commands, visible: this.visible });
  }

  private toLeader(message: ToLeader): void {
    if (this.leader === undefined) return; // `join` says it all once somebody leads
    if (this.leader === this.parts.id) this.desk?.handle(this.parts.id, message);
    else this.post(message, this.leader);
  }

  // ---- from the leader ----

  private receive(message: ToFollower): void {
    switch (message.t) {
      case 'view':
        return this.show(message.view, message.n, message.json);
      case 'kept':
        for (const tempId of message.tempIds) this.unkept.delete(tempId);
        return this.parts.toTab(message);
      case 'olderDone':
        this.views.olderDone(message.requestId);
        return this.parts.toTab(message);
      default:
        return this.parts.toTab(message);
    }
  }

  private show(view: number, n: number, json: string): void {
    const arrival = this.views.arrived(view, n);
    if (arrival === 'show') this.parts.toTab({ t: 'view', view, json });
    else if (arrival === 'anew') this.toLeader({ ...this.views.again(view), t: 'open' });
  }

  // ---- among workers ----

  private announce(body: Announcement, to?: string): void {
    this.post(body, to);
  }

  private post(body: Envelope['body'], to?: string): void {
    const { id, version, channel } = this.parts;
    const envelope: Envelope = { proto: PROTO, version, term: this.term, from: id, body };
    channel?.post(to === undefined ? envelope : { ...envelope, to });
  }

  private hear(envelope: Envelope): void {
    if (this.ended || envelope.from === this.parts.id) return;
    if (envelope.to !== undefined && envelope.to !== this.parts.id) return;
    if (isNewer(envelope.version, this.parts.version)) this.noteNewer();
    if (envelope.proto !== PROTO) return this.hearForeign(envelope);
    const { body, from, term } = envelope;
    if (!this.alive && body.t !== 'signedOut') return; // follows nobody before it can be seen to live
    switch (body.t) {
      case 'lead':
        return this.follow(from, term);
      case 'who':
        return void this.answerWho(from, term);
      case 'ping':
        return this.answerPing(from);
      case 'here':
        return this.heardHolder(from);
      case 'stepDown':
        return;
      case 'signedOut':
        return this.signedOutElsewhere();
      case 'view':
      case 'kept':
      case 'olderDone':
      case 'trace':
      case 'sessionEnded':
      case 'outdated':
      case 'halted':
      case 'forgotten':
        if (from === this.leader && term === this.term) this.receive(body);
        return;
      default:
        this.serve(from, body);
    }
  }

  /**
   * Terms must grow as the followers see them. A leader that never heard of an earlier term (it came
   * out of storage that knew less) takes the next one, if the place is really its own; one that has
   * just woken up and finds the place taken steps back.
   */
  private async answerWho(from: string, term: number): Promise<void> {
    const { core, leadership } = this;
    if (core === undefined) return;
    if (term <= this.term) return this.announce({ t: 'lead' }, from);
    const confirmed = leadership === undefined || (await leadership.confirm(this.parts.ownLockName));
    if (core !== this.core) return;
    if (!confirmed) return this.stepBack(true);
    this.term = Math.max(this.term, term) + 1;
    this.announce({ t: 'lead' });
  }

  /** Said by whoever holds the place, also while its core is still starting or being rebuilt. */
  private answerPing(from: string): void {
    if (this.leadership?.held === true) this.announce({ t: 'here' }, from);
  }

  private heardHolder(from: string): void {
    this.watch.heard();
    if (this.leader === from) this.signals = [];
    else if (this.core === undefined) this.announce({ t: 'who' }, from);
  }

  /**
   * Workers of another protocol: the newer one leads, the older one steps down and waits for a reload.
   * An older one that does not lead leaves the line at once, so that the place comes to a newer one.
   */
  private hearForeign({ proto, from, term, body }: Envelope): void {
    const newer = proto > PROTO;
    if (newer && !this.outdated && this.leadership?.held === false) this.standAside();
    switch (body.t) {
      case 'ping':
        return this.answerPing(from);
      case 'who':
        return void this.answerWho(from, Math.min(term, this.term));
      case 'lead':
        return newer ? undefined : this.announce({ t: 'stepDown' }, from);
      case 'stepDown':
        return newer ? void this.yieldToNewer() : undefined;
    }
  }

  private standAside(): void {
    this.noteNewer();
    this.outdated = true;
    this.leadership?.release();
    this.watchLeader();
  }

  private async yieldToNewer(): Promise<void> {
    this.noteNewer();
    this.outdated = true;
    await this.suspend();
  }

  private noteNewer(): void {
    if (this.toldOutdated) return;
    this.toldOutdated = true;
    this.parts.toTab({ t: 'outdated' });
  }

  private follow(from: string, term: number): void {
    // A stale leader: its saves are refused, and so is its word; unless it shows that the place is its.
    if (term < this.term) return this.announce({ t: 'who' }, from);
    if (from === this.leader && term === this.term) return;
    if (this.core !== undefined) this.stepBack(true); // two cannot lead, and the newer term is right
    this.term = term;
    this.leader = from;
    this.join();
  }

  private serve(from: string, message: ToLeader): void {
    if (this.desk === undefined) return;
    if (message.t === 'join') {
      this.parts.watchTab(from, () => this.desk?.leave(from));
    }
    this.desk.handle(from, message);
  }

  // ---- leading ----

  private takeOver(): void {
    this.parts.toTab({ t: 'report', json: '{"event":"leader_unresponsive"}' });
    this.leadership?.takeOver();
  }

  private granted(): void {
    this.watchLeader();
    this.announce({ t: 'here' }); // others that watch need not take it as well
    void this.lead();
  }

  private async lead(): Promise<void> {
    this.generation += 1;
    const { generation } = this;
    const current = (): boolean => generation === this.generation && !this.ended;
    let core: LeadingCore;
    // What the core shows before anybody has joined concerns no view.
    try {
      core = await this.parts.startCore({
        onView: (view, json) => current() && this.desk?.show(view, json),
        onKept: (tempIds) => current() && this.desk?.toAll({ t: 'kept', tempIds }),
        onSessionEnded: () => current() && this.desk?.toAll({ t: 'sessionEnded' }),
        onOutdated: () => current() && this.desk?.toAll({ t: 'outdated' }),
        onReport: (json) => this.parts.toTab({ t: 'report', json }),
        onFenced: () => current() && this.stepBack(true),
        onStorageGone: () => current() && this.desk?.toAll({ t: 'forgotten' }),
        onStopped: (error) => current() && this.rebuild(error),
      });
    } catch (error) {
      if (current()) this.rebuild(error instanceof Error ? error : new Error(String(error)));
      return;
    }
    if (!current()) {
      core.dispose();
      return;
    }
    this.core = core;
    this.term = Math.max(core.term, this.term + 1);
    this.leader = this.parts.id;
    this.desk = new Desk(
      core,
      (tab, message) => (tab === this.parts.id ? this.receive(message) : this.post(message, tab)),
      (code, type) => this.parts.toTab({ t: 'report', json: JSON.stringify({ event: 'refused', code, type }) }),
    );
    core.network(this.online);
    this.tellRole(true);
    this.join();
    this.announce({ t: 'lead' });
  }

  /** Throws the stopped instance away and builds a new one from storage; after too many, says so. */
  private rebuild(error: Error): void {
    this.parts.toTab({ t: 'report', json: JSON.stringify({ event: 'core_stopped', error: error.name }) });
    this.dropCore();
    const now = this.parts.nowMs();
    this.stops = [...this.stops.filter((at) => now - at < REBUILD_WINDOW_MS), now];
    if (this.stops.length > REBUILDS_MAX) {
      this.post({ t: 'halted' });
      this.parts.toTab({ t: 'halted' });
      return;
    }
    const { generation } = this;
    void this.parts.wait(REBUILD_FIRST_MS * 4 ** (this.stops.length - 1)).then(() => {
      if (generation === this.generation && !this.ended) void this.lead();
    });
  }

  private dropCore(): void {
    this.generation += 1;
    this.core?.dispose();
    this.core = undefined;
    this.desk = undefined;
    if (this.leader === this.parts.id) this.leader = undefined;
  }

  /** No longer the leader. With `again`, waits in line to become it once more. */
  private stepBack(again: boolean): void {
    this.dropCore();
    this.leadership?.release();
    this.tellRole(false);
    if (this.ended) return;
    if (!again || this.outdated) return this.watchLeader();
    if (this.leadership === undefined) void this.lead();
    else this.takePart();
  }

  /** Between a core that stopped and the next one the place is still ours, and so is the role. */
  private tellRole(leading: boolean): void {
    if (leading === this.leading) return;
    this.leading = leading;
    this.parts.toTab({ t: 'role', leading });
  }

  private async suspend(): Promise<void> {
    this.suspended = true;
    this.watchLeader();
    if (this.leader !== undefined && this.leader !== this.parts.id) {
      this.post({ t: 'leave' }, this.leader);
      this.leader = undefined; // `resume` asks who leads, and joins
    }
    const { core } = this;
    await core?.flush();
    // Alone there is nobody to hand over to, and nothing on disk to come back from.
    if (this.leadership === undefined || core !== this.core || !this.suspended) return;
    this.stepBack(false);
  }

  // ---- the end ----

  private async end(wipe: boolean): Promise<void> {
    if (wipe && !this.ended) this.announce({ t: 'signedOut' });
    else if (this.core !== undefined) await this.core.flush();
    this.shutDown();
    const wiped = wipe && (await this.parts.wipe());
    this.parts.toTab({ t: 'ended', wiped });
    this.parts.channel?.close();
  }

  private signedOutElsewhere(): void {
    this.shutDown();
    this.parts.toTab({ t: 'signedOut' });
  }

  private shutDown(): void {
    if (this.leader !== undefined && this.leader !== this.parts.id) this.post({ t: 'leave' }, this.leader);
    this.ended = true;
    this.watchLeader();
    this.dropCore();
    this.leadership?.release();
  }
}
