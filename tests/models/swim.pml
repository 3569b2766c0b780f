/* SPDX-License-Identifier: BSL-1.0
 *
 * Is a member that lives held alive in the end, and one that is gone held gone?
 *
 * What observers 0, 1 and 2 believe of a fourth, the subject. Up to DOUBTS probes fail for no good
 * reason, and a suspicion may run out at any moment before it is refuted. A record that somebody
 * gossips may reach anybody, in any order, any number of times, or never; two who disagree exchange
 * tables sooner or later; whoever holds the subject not alive tells it so (the buddy rule,
 * reminders, visits to the dead). The subject may start again in a new life, and may crash or leave.
 * Stands for member_table_merge.cpp and for the tellings in member_table_timers.cpp and
 * member_table_packets.cpp; README.md says what is left out.
 */
#ifndef DOUBTS
#define DOUBTS 2
#endif
#define REFUTATIONS 4 /* In one life, fewer than that: asserted. */
#define AGES 8        /* Two lives. */

#define ALIVE 0
#define SUSPECT 1
#define DEAD 2
#define LEFT 3

/* An age is a life of the subject and how often it has refuted in it. */
#define LIFE(age) ((age) / REFUTATIONS)
#ifdef BROKEN_REFUTATIONS_BEFORE_LIVES
#define NEWER(a, b) \
  ((a) % REFUTATIONS > (b) % REFUTATIONS || ((a) % REFUTATIONS == (b) % REFUTATIONS && (a) > (b)))
#else
#define NEWER(a, b) ((a) > (b))
#endif

byte state[3]; /* What n holds the subject to be, */
byte age[3];   /* and at which age. */
byte own;      /* The subject's own age. */
bool up = 1, gone, will_crash, will_leave, will_restart; /* gone: it has said goodbye. */
byte doubts;
byte gossip[4]; /* gossip[state]: the ages for which such a record is in the air. */

#define IN_AIR(s, a) ((gossip[s] >> (a)) & 1)
#define SPEAKS (up && !gone)

/* Whether a record changes what n holds. Left is for good, as far as that life goes. */
#define BARRED(n, a) (state[n] == LEFT && LIFE(age[n]) >= LIFE(a))
#ifdef BROKEN_DEAD_IS_FINAL
#define ALIVE_COUNTS(n, a) (NEWER(a, age[n]) && !BARRED(n, a) && state[n] != DEAD)
#else
#define ALIVE_COUNTS(n, a) (NEWER(a, age[n]) && !BARRED(n, a))
#endif
#define LEFT_COUNTS(n, a) (LIFE(a) >= LIFE(age[n]) && !BARRED(n, a))
#ifdef BROKEN_OLD_ACCUSATION_COUNTS
#define FRESH_ENOUGH(n, a) (!NEWER(LIFE(age[n]), LIFE(a)))
#else
#define FRESH_ENOUGH(n, a) (!NEWER(age[n], a))
#endif
#define ACCUSATION_COUNTS(n, s, a, told) \
  (FRESH_ENOUGH(n, a) && !(state[n] == DEAD && (a) == age[n]) && !BARRED(n, a) && \
   (state[n] != SUSPECT || NEWER(a, age[n]) || ((s) == DEAD && (told))))
#define COUNTS(n, s, a, told) \
  (((s) == ALIVE && ALIVE_COUNTS(n, a)) || ((s) == LEFT && LEFT_COUNTS(n, a)) || \
   (((s) == SUSPECT || (s) == DEAD) && ACCUSATION_COUNTS(n, s, a, told)))

inline hold(n, s, a) {
  assert(!NEWER(age[n], a)); /* What was refuted does not come back. */
  state[n] = s; age[n] = a;
  gossip[s] = gossip[s] | (1 << age[n]);
  if
  :: s == ALIVE -> printf("%d holds it alive, age %d\n", n, age[n])
  :: s == SUSPECT -> printf("%d suspects it, age %d\n", n, age[n])
  :: s == DEAD -> printf("%d holds it dead, age %d\n", n, age[n])
  :: else -> printf("%d holds that it left, age %d\n", n, age[n])
  fi
}

/* `told`: by gossip. A death that somebody merely believes in (an exchange) is a suspicion first. */
inline take(n, s, a, told) {
  if
  :: s == DEAD && !told -> hold(n, SUSPECT, a)
  :: else -> hold(n, s, a)
  fi
}

/* That accusation has not been refuted yet. */
#define REFUTES(a) (LIFE(a) == LIFE(own) && (a) >= own)
/* The subject hears what is said of it, and says who it is. */
inline hear(a) {
  if
  :: REFUTES(a) ->
#ifdef BROKEN_REFUTES_AT_SAME_AGE
    own = a;
#else
    own = a + 1;
#endif
    assert(own % REFUTATIONS != 0);
    printf("the subject refutes: age %d\n", own)
  :: else
  fi;
  gossip[ALIVE] = gossip[ALIVE] | (1 << own)
}

inline doubt(n) {
  d_step { SPEAKS && doubts < DOUBTS && state[n] == ALIVE && LIFE(age[n]) == LIFE(own) ->
    doubts++; hold(n, SUSPECT, age[n]) }
}
/* Probes of one that is gone fail, and so do those of a life that is over. */
inline probe(n) {
  d_step { state[n] == ALIVE && (!SPEAKS || LIFE(age[n]) != LIFE(own)) ->
    hold(n, SUSPECT, age[n]) }
}
inline run_out(n) { d_step { state[n] == SUSPECT -> hold(n, DEAD, age[n]) } }
inline listen(n, s, a) {
  d_step { IN_AIR(s, a) && COUNTS(n, s, a, 1) -> take(n, s, a, 1) }
}
inline lose(s, a) { d_step { IN_AIR(s, a) -> gossip[s] = gossip[s] - (1 << (a)) } }

#ifdef BROKEN_ACCUSED_NOT_TOLD
#define TOLD(n) 0
#else
#define TOLD(n) (SPEAKS && (state[n] == SUSPECT || state[n] == DEAD))
#endif
/* The accused hears of it and answers; its answer may be lost. */
inline tell(n) {
  d_step { TOLD(n) && (REFUTES(age[n]) || ALIVE_COUNTS(n, own)) ->
    hear(age[n]);
    if :: ALIVE_COUNTS(n, own) -> hold(n, ALIVE, own) :: else fi }
}
inline tell_and_miss(n) {
  d_step { TOLD(n) && REFUTES(age[n]) -> hear(age[n]) }
}
inline exchange(n, m) {
  d_step { COUNTS(n, state[m], age[m], 0) -> take(n, state[m], age[m], 0) }
}
/* It sends packets of its own, and each names its sender's life. */
inline speak(n) {
  d_step { SPEAKS && !will_restart && ALIVE_COUNTS(n, own) -> hold(n, ALIVE, own) }
}
inline restart() {
  d_step { SPEAKS && will_restart ->
    will_restart = 0; own = REFUTATIONS;
    printf("the subject starts again\n");
    hold(0, ALIVE, own) }
}
inline crash() {
  d_step { SPEAKS && !will_restart && will_crash -> up = 0; printf("the subject crashes\n") }
}
inline leave() {
  d_step { SPEAKS && !will_restart && will_leave ->
    gone = 1; printf("the subject leaves\n");
    if :: LEFT_COUNTS(0, own) -> hold(0, LEFT, own) :: else fi }
}

#define AIR(s, a) :: lose(s, a) :: listen(0, s, a) :: listen(1, s, a) :: listen(2, s, a)
#define AIR_OF(s) AIR(s, 0) AIR(s, 1) AIR(s, 2) AIR(s, 3) AIR(s, 4) AIR(s, 5) AIR(s, 6) AIR(s, 7)

active proctype cluster() {
  if :: will_crash = 1 :: will_leave = 1 :: skip fi;
  if :: will_restart = 1 :: skip fi;
  do
  :: doubt(0) :: doubt(1) :: doubt(2)
  :: probe(0) :: probe(1) :: probe(2)
  :: run_out(0) :: run_out(1) :: run_out(2)
  AIR_OF(ALIVE) AIR_OF(SUSPECT) AIR_OF(DEAD) AIR_OF(LEFT)
  :: tell(0) :: tell(1) :: tell(2)
  :: tell_and_miss(0) :: tell_and_miss(1) :: tell_and_miss(2)
  :: exchange(0, 1) :: exchange(0, 2) :: exchange(1, 0)
  :: exchange(1, 2) :: exchange(2, 0) :: exchange(2, 1)
  :: speak(0)
  :: restart() :: crash() :: leave()
  :: else -> break
  od;
  /* Nothing is left to be said. */
  if
  :: gone -> assert(state[0] == LEFT && state[1] == LEFT && state[2] == LEFT)
  :: !up -> assert(state[0] == DEAD && state[1] == DEAD && state[2] == DEAD)
  :: else -> assert(state[0] == ALIVE && state[1] == ALIVE && state[2] == ALIVE);
    assert(age[0] == own && age[1] == own && age[2] == own)
  fi
}
