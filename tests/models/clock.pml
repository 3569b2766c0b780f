/* SPDX-License-Identifier: BSL-1.0
 *
 * Is causal order kept when a message names its immediate predecessors only?
 *
 * Nodes 0, 1 and 2 send; 0 adds node 3 by one of its messages, and 3 sends one of its own. What was
 * sent may arrive at anybody in any order, any number of times, or never. One node may adopt another
 * one's whole clock at any moment (a gap, or the floors at activation). Beside the causes on the
 * wire each message carries its true past here, which nobody reads but the assertion. Stands for
 * frontier.cpp and for causal_buffer.cpp's `satisfied` and `raise`; README.md says what is left out.
 */
#define NODES 4
#define K 2 /* Messages of one sender at most; node 2 and the joiner send one. */
#define SENDS(s) ((s) < 2 -> K : 1)

#define AT(n, t) ((n) * NODES + (t))
#define OF(s, k) (((s) * K + (k) - 1) * NODES) /* Where the clocks of message k of s begin. */

byte got[16];    /* got[AT(n, t)]: n has delivered so many messages of t. */
byte latest[16]; /* The frontier of n: the last of t that nothing delivered depends on; 0: none. */
byte causes[32]; /* What a message names. */
byte past[32];   /* What its sender had delivered. */
byte added_by;   /* The message of 0 that adds 3; 0: not sent. */
bool raised;

#define JOINED (added_by != 0 && got[AT(3, 0)] >= added_by)

inline send(s, adds) {
  d_step { got[AT(s, s)] < SENDS(s) && (s != 3 || JOINED) &&
           (!adds || added_by == 0) ->
    k = got[AT(s, s)] + 1;
    for (t : 0 .. NODES - 1) {
      past[OF(s, k) + t] = got[AT(s, t)];
      if
      :: t != s -> causes[OF(s, k) + t] = latest[AT(s, t)]; latest[AT(s, t)] = 0
      :: else
      fi
    }
#ifdef BROKEN_FRONTIER_FORGETS
    if
    :: causes[OF(s, k) + 2] != 0 -> causes[OF(s, k) + 2] = 0
    :: else -> causes[OF(s, k) + 1] = 0
    fi;
#endif
    got[AT(s, s)] = k; latest[AT(s, s)] = k;
    if
    :: adds -> added_by = k;
      /* A stable cut is one that everybody has reached. */
      for (t : 0 .. 2) {
        got[AT(3, t)] = (got[AT(0, t)] < got[AT(1, t)] -> got[AT(0, t)] : got[AT(1, t)]);
        got[AT(3, t)] = (got[AT(2, t)] < got[AT(3, t)] -> got[AT(2, t)] : got[AT(3, t)])
      }
    :: else
    fi;
    printf("%d sends its message %d naming %d %d %d %d (1: it adds 3: %d)\n", s, k,
      causes[OF(s, k)], causes[OF(s, k) + 1], causes[OF(s, k) + 2], causes[OF(s, k) + 3], adds);
    k = 0; t = 0 }
}

#ifdef BROKEN_DEPENDENCIES_IGNORED
#define HAS(n, t, k) 1
#else
#define HAS(n, t, k) (got[AT(n, t)] >= (k))
#endif
#define SENT(n, s) (got[AT(n, s)] < got[AT(s, s)])
#define NEXT(n, s) OF(s, got[AT(n, s)] + 1)
#define READY(n, s) \
  (HAS(n, 0, causes[NEXT(n, s)]) && HAS(n, 1, causes[NEXT(n, s) + 1]) && \
   HAS(n, 2, causes[NEXT(n, s) + 2]) && HAS(n, 3, causes[NEXT(n, s) + 3]))

inline deliver(n, s) {
  d_step { (n != 3 || added_by != 0) && SENT(n, s) && READY(n, s) ->
    k = got[AT(n, s)] + 1;
    printf("%d delivers message %d of %d\n", n, k, s);
    for (t : 0 .. NODES - 1) {
      assert(t == s || past[OF(s, k) + t] <= got[AT(n, t)]); /* Nothing before its cause. */
      if
#ifdef BROKEN_NAMED_ENTRY_KEPT_LATER
      :: causes[OF(s, k) + t] != 0 -> latest[AT(n, t)] = 0
#else
      :: causes[OF(s, k) + t] != 0 && latest[AT(n, t)] <= causes[OF(s, k) + t] ->
        latest[AT(n, t)] = 0
#endif
      :: else
      fi
    }
    got[AT(n, s)] = k; latest[AT(n, s)] = k;
    k = 0; t = 0 }
}

/* n adopts the clock of m, a closed cut; `only`: broken, one entry of it. */
inline raise(n, m, only) {
  d_step { !raised && (n != 3 || added_by != 0) ->
    raised = 1;
    printf("%d adopts the clock of %d\n", n, m);
    for (t : 0 .. NODES - 1) {
      if
      :: got[AT(m, t)] > got[AT(n, t)] && (only == NODES || only == t) && t != n ->
        got[AT(n, t)] = got[AT(m, t)];
#ifndef BROKEN_RAISE_UNNAMED
        latest[AT(n, t)] = got[AT(n, t)]
#endif
      :: else
      fi
    }
    t = 0 }
}

active proctype group() {
  byte k, t;
  do
  :: send(0, 0) :: send(0, 1) :: send(1, 0) :: send(2, 0) :: send(3, 0)
  :: deliver(0, 1) :: deliver(0, 2) :: deliver(0, 3)
  :: deliver(1, 0) :: deliver(1, 2) :: deliver(1, 3)
  :: deliver(2, 0) :: deliver(2, 1) :: deliver(2, 3)
  :: deliver(3, 0) :: deliver(3, 1) :: deliver(3, 2)
#ifdef BROKEN_GAP_RAISES_SINGLE_ENTRY
  :: raise(2, 0, 0) :: raise(2, 0, 1) :: raise(3, 1, 0) :: raise(3, 1, 1) :: raise(3, 1, 2)
#else
  :: raise(2, 0, NODES) :: raise(2, 1, NODES) :: raise(3, 0, NODES) :: raise(3, 1, NODES)
#endif
  :: else -> break
  od;
  /* Nothing can move any more: nobody waits for a cause for ever. */
  for (t : 0 .. 15) {
    assert((t >= 12 && added_by == 0) || got[t] == got[(t % NODES) * NODES + t % NODES])
  }
}
