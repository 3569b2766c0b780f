/* SPDX-License-Identifier: BSL-1.0
 *
 * Two halves retire the same dead member after different messages, then they meet: does anybody
 * wait for ever, or miss something without being told?
 *
 * Nodes 0, 1 and 2 live; one of them is cut off from the other two at first, and the network heals
 * at some moment. Member 3 has sent some messages and died; how many of them each node has delivered
 * is anybody's guess. All have been apart for longer than the horizon, so each half may retire 3, and
 * a lone node the others. One node may die. Stands for group_retiring.cpp, group_repairing.cpp
 * (`find_holders`, `skip_to`), group_rows.cpp (`take_row`), group_delivering.cpp, tombstones.hpp and
 * the summaries of group_meeting.cpp; README.md says what is left out.
 */
#ifndef DEATHS
#define DEATHS 1
#endif
#ifndef LIVING
#define LIVING 0 /* 1: halves also retire those who live in the other, and forget what they said. */
#endif
#ifndef LIVE
#define LIVE 7   /* The set of those who live. */
#endif
#ifndef SPOKE
#define SPOKE 2  /* How many messages the dead member has sent. */
#endif
#ifndef SAYS
#define SAYS 1
#endif
#define NOBODY 9
#define K 3 /* Messages of one living node at most; a path that wants more is not judged. */
#define M 3 /* The member that died. */

#define AT(n, t) ((n) * 4 + (t))
#define MSG(s, k) ((s) * K + (k) - 1)
#define BIT(k) (1 << (k))
#define IN(set, k) (((set) >> (k)) & 1)
#define MAX(a, b) ((a) > (b) -> (a) : (b))

#define SAY 0
#define RETIRE 1
#define UNRETIRE 2

byte alive = LIVE, lone;
bool healed, overflow;
byte speaker = NOBODY, mortal = NOBODY; /* Who will have spoken, who will have died. */
byte D = NOBODY;

/* Of node n about member t. */
byte got[12];     /* V: delivered, or passed over by a gap. */
byte grave[12];   /* 0: a member; else its tomb says so many messages, and one. */
byte gone[12];    /* Floor: at or below it n has forgotten. */
byte held[12];    /* A set of numbers: arrived, not delivered. */
/* Of M, and of the one who will have died (D). */
byte known[3], known_d[3];   /* The highest number that n knows of. */
byte past[3], past_d[3];     /* The highest number in the causal past of what n says. */
bool fresh[3], fresh_d[3];   /* It is in n's frontier: n's next message names it. */
byte told[3];     /* Of M: delivered to the application or declared lost. */

/* The messages of 0, 1 and 2. */
byte sent[3];
byte what[9], whom[9], upto[9]; /* Kind; of whom; the last number. */
byte names[9], needs[9];        /* Of M: named as a cause; what lies in its past. */
byte names_d[9], needs_d[9];    /* The same of D. */

#define LIVES(n) IN(alive, n)
#define APART(n, m) (((n) == lone) != ((m) == lone))
#define LINKED(n, m) ((m) != M && (n) != (m) && LIVES(n) && LIVES(m) && (healed || !APART(n, m)))
#define MEMBER(n, t) (grave[AT(n, t)] == 0)
#define TOMB(n, t) (grave[AT(n, t)] - 1)
#define ACCOUNTED(n, t) (MEMBER(n, t) -> got[AT(n, t)] : TOMB(n, t))
#define HOLDS(h, s, k) \
  (MEMBER(h, s) && ((got[AT(h, s)] >= (k) && gone[AT(h, s)] < (k)) || IN(held[AT(h, s)], k)))
#define ABLE(n, h, s, k) (LINKED(n, h) && MEMBER(n, h) && HOLDS(h, s, k))
#define SOMEBODY_ABLE(n, s, k) (ABLE(n, 0, s, k) || ABLE(n, 1, s, k) || ABLE(n, 2, s, k))
#define COVERS(m, n) \
  (got[AT(m, 0)] >= gone[AT(n, 0)] && got[AT(m, 1)] >= gone[AT(n, 1)] && \
   got[AT(m, 2)] >= gone[AT(n, 2)] && got[AT(m, M)] >= gone[AT(n, M)])
/* Who was away for long counts again when nothing that it lacks is gone. */
#define COUNTS(n, m) (LINKED(n, m) && MEMBER(n, m) && (!APART(n, m) || COVERS(m, n)))
#define KNOWN(n, t) ((t) == M -> known[n] : ((t) == D -> known_d[n] : got[AT(n, t)]))

inline append(n, kind, who, last) {
  if
  :: sent[n] == K -> overflow = 1
  :: else ->
    sent[n]++; got[AT(n, n)] = sent[n];
    what[MSG(n, sent[n])] = kind; whom[MSG(n, sent[n])] = who; upto[MSG(n, sent[n])] = last;
    names[MSG(n, sent[n])] = (fresh[n] -> got[AT(n, M)] : 0);
    needs[MSG(n, sent[n])] = past[n];
    if
    :: D < M && n != D ->
      names_d[MSG(n, sent[n])] = (fresh_d[n] -> got[AT(n, D)] : 0);
      needs_d[MSG(n, sent[n])] = past_d[n]
    :: else
    fi;
    fresh[n] = 0; fresh_d[n] = 0
  fi
}

inline bury(n, t) {
  printf("%d buries %d after %d messages\n", n, t, got[AT(n, t)]);
  grave[AT(n, t)] = got[AT(n, t)] + 1;
  got[AT(n, t)] = 0; gone[AT(n, t)] = 0; held[AT(n, t)] = 0;
  if :: t == M -> known[n] = 0; fresh[n] = 0 :: t == D -> known_d[n] = 0; fresh_d[n] = 0 :: else fi
}

inline unretire(n, t) {
  printf("%d takes %d back at %d\n", n, t, TOMB(n, t));
  got[AT(n, t)] = TOMB(n, t); gone[AT(n, t)] = TOMB(n, t);
  if :: t == M -> known[n] = TOMB(n, t) :: t == D -> known_d[n] = TOMB(n, t) :: else fi;
  grave[AT(n, t)] = 0
}

/* Somebody names message `number` of t: beyond its tomb, it was not gone. */
inline evidence(n, t, number) {
#ifndef BROKEN_CAUSES_PROVE_NOTHING
  if :: !MEMBER(n, t) && (number) > TOMB(n, t) -> unretire(n, t) :: else fi
#else
  skip
#endif
}

#ifdef BROKEN_BURIES_WHAT_IT_WAITS_FOR
#define MAY_BURY(n, t, last) 1
#else
#define MAY_BURY(n, t, last) (KNOWN(n, t) <= (last))
#endif

inline apply(n, kind, t, last) {
  if
  :: kind == RETIRE && t == n -> append(n, UNRETIRE, t, last)
  :: kind == RETIRE && t != n && MEMBER(n, t) && got[AT(n, t)] > last ->
    append(n, UNRETIRE, t, last)
  :: kind == RETIRE && t != n && MEMBER(n, t) && got[AT(n, t)] == last && MAY_BURY(n, t, last) ->
    bury(n, t)
  :: kind == UNRETIRE && t != n && !MEMBER(n, t) -> unretire(n, t)
  :: else
  fi
}
#define NEXT(n, s) MSG((s) % M, got[AT(n, s)] + 1)
#define HAS_CAUSES(n, s) \
  (needs[NEXT(n, s)] <= ACCOUNTED(n, M) && \
   (needs_d[NEXT(n, s)] == 0 || needs_d[NEXT(n, s)] <= ACCOUNTED(n, D)))
#define ARRIVED(n, s) (MEMBER(n, s) && IN(held[AT(n, s)], got[AT(n, s)] + 1))
#define READY(n, s) (ARRIVED(n, s) && ((s) == M || HAS_CAUSES(n, s)))
#define WAITS(n, s) ((s) != M && ARRIVED(n, s) && !HAS_CAUSES(n, s))

inline drain_one(n, s) {
  k = got[AT(n, s)] + 1;
  printf("%d delivers message %d of %d\n", n, k, s);
  got[AT(n, s)] = k; held[AT(n, s)] = held[AT(n, s)] & (255 - BIT(k));
  if
  :: s == M -> fresh[n] = 1; past[n] = MAX(past[n], k); known[n] = MAX(known[n], k); told[n] = k
  :: else ->
    past[n] = MAX(past[n], needs[MSG(s, k)]);
    if :: names[MSG(s, k)] >= got[AT(n, M)] -> fresh[n] = 0 :: else fi;
    if
    :: s == D -> fresh_d[n] = 1; past_d[n] = k; known_d[n] = MAX(known_d[n], k)
    :: s != D && D < M ->
      past_d[n] = MAX(past_d[n], needs_d[MSG(s, k)]);
      if :: names_d[MSG(s, k)] >= got[AT(n, D)] -> fresh_d[n] = 0 :: else fi
    :: else
    fi;
    apply(n, what[MSG(s, k)], whom[MSG(s, k)], upto[MSG(s, k)])
  fi;
  k = 0
}
/* A message that waits makes known what it names. */
inline mention(n, s) {
  if
  :: WAITS(n, s) ->
    if :: MEMBER(n, M) -> known[n] = MAX(known[n], names[NEXT(n, s)]) :: else fi;
    if :: D < M && n != D && MEMBER(n, D) ->
      known_d[n] = MAX(known_d[n], names_d[NEXT(n, s)]) :: else fi
  :: else
  fi
}
inline drain(n) {
  do
  :: READY(n, 0) -> drain_one(n, 0)
  :: !READY(n, 0) && READY(n, 1) -> drain_one(n, 1)
  :: !READY(n, 0) && !READY(n, 1) && READY(n, 2) -> drain_one(n, 2)
  :: !READY(n, 0) && !READY(n, 1) && !READY(n, 2) && READY(n, M) -> drain_one(n, M)
  :: else -> break
  od;
  mention(n, 0); mention(n, 1); mention(n, 2);
  assert(told[n] == ACCOUNTED(n, M)) /* Nothing is missed without a word. */
}

/* --- what may happen --- */

inline say(n) {
  d_step { LIVES(n) && speaker == n && sent[n] < K ->
    speaker = NOBODY; append(n, SAY, 0, 0); printf("%d speaks\n", n) }
}

/* n takes the next bundle of s from whoever holds it: what came before its turn would wait. */
inline fetch(n, s) {
  d_step { MEMBER(n, s) && !IN(held[AT(n, s)], got[AT(n, s)] + 1) &&
           SOMEBODY_ABLE(n, s, got[AT(n, s)] + 1) ->
    k = got[AT(n, s)] + 1;
    held[AT(n, s)] = held[AT(n, s)] | BIT(k);
    printf("%d gets message %d of %d\n", n, k, s);
    if
    :: s != M -> evidence(n, M, names[MSG(s % 3, k)]);
      if :: names_d[MSG(s % 3, k)] > 0 -> evidence(n, D, names_d[MSG(s % 3, k)]) :: else fi;
      if :: s == D -> known_d[n] = MAX(known_d[n], k) :: else fi
    :: else -> known[n] = MAX(known[n], k)
    fi;
    k = 0;
    drain(n) }
}

inline row_entry(n, m, t) {
  if
  :: MEMBER(m, t) -> evidence(n, t, got[AT(m, t)]);
    if
    :: t == M && MEMBER(n, M) -> known[n] = MAX(known[n], got[AT(m, M)])
    :: t == D && n != D && MEMBER(n, D) -> known_d[n] = MAX(known_d[n], got[AT(m, D)])
    :: else
    fi
  :: else
  fi
}
#define PROVES(n, m, t) (MEMBER(m, t) && !MEMBER(n, t) && got[AT(m, t)] > TOMB(n, t))
inline row(n, m) {
  d_step { LINKED(n, m) &&
           (!MEMBER(n, m) || PROVES(n, m, 0) || PROVES(n, m, 1) || PROVES(n, m, 2) ||
            PROVES(n, m, M) || (MEMBER(n, M) && MEMBER(m, M) && got[AT(m, M)] > known[n]) ||
            (D < M && n != D && MEMBER(n, D) && MEMBER(m, D) && got[AT(m, D)] > known_d[n])) ->
#ifndef BROKEN_RETIRED_STAY_RETIRED
    if :: !MEMBER(n, m) -> unretire(n, m) :: else fi;
#endif
    row_entry(n, m, 0); row_entry(n, m, 1); row_entry(n, m, 2); row_entry(n, m, M);
    drain(n) }
}

#define LEAST(a, b) ((a) < (b) -> (a) : (b))
#define OTHER1(n) (((n) + 1) % 3)
#define OTHER2(n) (((n) + 2) % 3)
#define STABLE1(n, t) \
  (COUNTS(n, OTHER1(n)) -> LEAST(got[AT(n, t)], got[AT(OTHER1(n), t)]) : got[AT(n, t)])
#define STABLE(n, t) \
  (COUNTS(n, OTHER2(n)) -> LEAST(STABLE1(n, t), got[AT(OTHER2(n), t)]) : STABLE1(n, t))
#if LIVING
#define TRIMMED(t) 1
#else
#define TRIMMED(t) (!LIVES(t))
#endif
#define TRIMS(n, t) (TRIMMED(t) && STABLE(n, t) > gone[AT(n, t)])
#define CUT(n, t) (TRIMS(n, t) -> STABLE(n, t) : gone[AT(n, t)])
inline trim(n) {
  d_step { LIVES(n) && (TRIMS(n, 0) || TRIMS(n, 1) || TRIMS(n, 2) || TRIMS(n, M)) ->
    /* All at once: the cut is whole. */
    k = CUT(n, 0) * 64 + CUT(n, 1) * 16 + CUT(n, 2) * 4 + CUT(n, M);
    gone[AT(n, 0)] = k / 64; gone[AT(n, 1)] = (k / 16) % 4;
    gone[AT(n, 2)] = (k / 4) % 4; gone[AT(n, M)] = k % 4; k = 0;
    printf("%d forgets what is stable\n", n) }
}

/* The lowest of those who are here does it. */
#define LOWEST(n) \
  (((n) == 0 || !COUNTS(n, 0)) && ((n) < 2 || !COUNTS(n, 1)))
#ifdef BROKEN_RETIRES_UNASKED
#define AGREES(n, m, t) 1
#else
#define AGREES(n, m, t) \
  (!COUNTS(n, m) || (got[AT(m, t)] == got[AT(n, t)] && MEMBER(m, t) && \
                     gone[AT(m, t)] >= got[AT(n, t)]))
#endif
inline retire(n, t) {
  d_step { LIVES(n) && (LIVING || !LIVES(t)) && MEMBER(n, t) && !LINKED(n, t) && LOWEST(n) && sent[n] < K &&
           KNOWN(n, t) <= got[AT(n, t)] && held[AT(n, t)] == 0 &&
           gone[AT(n, t)] >= got[AT(n, t)] &&
           AGREES(n, OTHER1(n), t) && AGREES(n, OTHER2(n), t) ->
    append(n, RETIRE, t, got[AT(n, t)]);
    bury(n, t);
    drain(n) }
}

/* What n lacks of s nobody here can give. h has forgotten it, and n knows that: from its row, or
   because it asked h about what a message waits for. */
#define EXISTS_AT(n, m, s, k) (LINKED(n, m) && MEMBER(m, s) && got[AT(m, s)] >= (k))
#define EXISTS(n, s, k) \
  ((s) == M || (s) == D -> KNOWN(n, s) >= (k) : \
   (EXISTS_AT(n, 0, s, k) || EXISTS_AT(n, 1, s, k) || EXISTS_AT(n, 2, s, k)))
#ifdef BROKEN_ONLY_THE_SENDER_IS_ASKED
#define WITNESS(n, h) (WAITS(n, h))
#else
/* Whoever has delivered what waits here has delivered what it waits for. */
#define KNOWS_BETTER(n, h, s) (WAITS(n, s) && ACCOUNTED(h, s) > got[AT(n, s)])
#define WITNESS(n, h) (KNOWS_BETTER(n, h, 0) || KNOWS_BETTER(n, h, 1) || KNOWS_BETTER(n, h, 2))
#endif
#define FORGOT(n, h, s, k) \
  ((MEMBER(h, s) && gone[AT(h, s)] >= (k)) || \
   (!MEMBER(h, s) && TOMB(h, s) >= (k) && WITNESS(n, h)))
#define LACKS(n, s) (MEMBER(n, s) && EXISTS(n, s, got[AT(n, s)] + 1) && \
   !IN(held[AT(n, s)], got[AT(n, s)] + 1) && !SOMEBODY_ABLE(n, s, got[AT(n, s)] + 1))

inline skip_entry(n, h, t) {
  if
  :: n != t && MEMBER(n, t) && cut[t] > got[AT(n, t)] ->
    printf("%d declares %d's messages %d to %d lost\n", n, t, got[AT(n, t)] + 1, cut[t]);
    got[AT(n, t)] = cut[t];
    held[AT(n, t)] = held[AT(n, t)] & (255 - (BIT(cut[t] + 1) - 1));
    if :: t == M -> fresh[n] = 1; past[n] = MAX(past[n], cut[t]); known[n] = MAX(known[n], cut[t]);
#ifndef BROKEN_GAP_NOT_DECLARED
      told[n] = cut[t]
#endif
       :: t == D -> fresh_d[n] = 1; past_d[n] = MAX(past_d[n], cut[t]);
         known_d[n] = MAX(known_d[n], cut[t])
       :: else fi
  :: else
  fi;
  if :: n != t && MEMBER(n, t) -> gone[AT(n, t)] = MAX(gone[AT(n, t)], cut[t]) :: else fi
}
inline bury_too(n, h, t) {
  if
  :: n != t && !MEMBER(h, t) && MEMBER(n, t) && !LINKED(n, t) && got[AT(n, t)] == TOMB(h, t) &&
     KNOWN(n, t) <= TOMB(h, t) -> bury(n, t)
  :: else
  fi
}
inline compare_tombs(n, h, t) {
#ifndef BROKEN_TOMBS_NOT_COMPARED
  if :: n != t && !MEMBER(n, t) && !MEMBER(h, t) && TOMB(h, t) > TOMB(n, t) -> unretire(n, t)
     :: else fi;
#endif
  if :: MEMBER(h, t) -> evidence(n, t, gone[AT(h, t)]) :: else fi;
  cut[t] = (MEMBER(h, t) -> gone[AT(h, t)] : TOMB(h, t))
}
inline skip_to(n, h) {
  d_step { LINKED(n, h) && MEMBER(n, h) &&
           ((LACKS(n, 0) && FORGOT(n, h, 0, got[AT(n, 0)] + 1)) ||
            (LACKS(n, 1) && FORGOT(n, h, 1, got[AT(n, 1)] + 1)) ||
            (LACKS(n, 2) && FORGOT(n, h, 2, got[AT(n, 2)] + 1)) ||
            (LACKS(n, M) && FORGOT(n, h, M, got[AT(n, M)] + 1))) ->
    printf("%d adopts the floor of %d\n", n, h);
    compare_tombs(n, h, 0); compare_tombs(n, h, 1); compare_tombs(n, h, 2);
    compare_tombs(n, h, M);
    skip_entry(n, h, 0); skip_entry(n, h, 1); skip_entry(n, h, 2); skip_entry(n, h, M);
    bury_too(n, h, 0); bury_too(n, h, 1); bury_too(n, h, 2); bury_too(n, h, M);
    cut[0] = 0; cut[1] = 0; cut[2] = 0; cut[M] = 0;
    drain(n) }
}

inline heal() { d_step { !healed -> healed = 1; printf("the network heals\n") } }
inline die(n) {
  d_step { mortal == n && speaker != n ->
    mortal = NOBODY; alive = alive - BIT(n);
    got[AT(n, 0)] = 0; got[AT(n, 1)] = 0; got[AT(n, 2)] = 0; got[AT(n, M)] = 0;
    gone[AT(n, 0)] = 0; gone[AT(n, 1)] = 0; gone[AT(n, 2)] = 0; gone[AT(n, M)] = 0;
    held[AT(n, 0)] = 0; held[AT(n, 1)] = 0; held[AT(n, 2)] = 0; held[AT(n, M)] = 0;
    grave[AT(n, 0)] = 0; grave[AT(n, 1)] = 0; grave[AT(n, 2)] = 0; grave[AT(n, M)] = 0;
    known[n] = 0; past[n] = 0; fresh[n] = 0; told[n] = 0;
    known_d[n] = 0; past_d[n] = 0; fresh_d[n] = 0; printf("%d dies\n", n) }
}

#define NODE(n) \
  :: say(n) :: trim(n) :: die(n) :: row(n, OTHER1(n)) :: row(n, OTHER2(n)) \
  :: skip_to(n, OTHER1(n)) :: skip_to(n, OTHER2(n)) :: retire(n, M) \
  :: retire(n, OTHER1(n)) :: retire(n, OTHER2(n)) \
  :: fetch(n, M) :: fetch(n, OTHER1(n)) :: fetch(n, OTHER2(n))

#define AGREE(n, m) (!LIVES(n) || !LIVES(m) || (MEMBER(n, m) && got[AT(n, m)] == sent[m] && \
   ACCOUNTED(n, M) == ACCOUNTED(m, M)))
/* Nobody waits, but for what nobody who lives has: then no other has the waiting one either. */
#define SOMEBODY_HAS(t, k) \
  ((LIVES(0) && ACCOUNTED(0, t) >= (k)) || (LIVES(1) && ACCOUNTED(1, t) >= (k)) || \
   (LIVES(2) && ACCOUNTED(2, t) >= (k)))
#define CONTENT(n, s) \
  (!LIVES(n) || !WAITS(n, s) || !SOMEBODY_HAS(M, needs[NEXT(n, s)]) || \
   (needs_d[NEXT(n, s)] > 0 && !SOMEBODY_HAS(D, needs_d[NEXT(n, s)])))

inline start_with(n) {
  if :: skip :: got[AT(n, M)] = 1 :: SPOKE == 2 -> got[AT(n, M)] = 2 fi;
  known[n] = got[AT(n, M)]; past[n] = got[AT(n, M)]; told[n] = got[AT(n, M)];
  fresh[n] = (got[AT(n, M)] > 0)
}

active proctype group() {
  byte k;
  byte cut[4];
  if :: lone = 0 :: lone = 1 :: lone = 2 fi;
  if :: SAYS -> speaker = 0 :: SAYS -> speaker = 1 :: SAYS -> speaker = 2 :: skip fi;
  if :: DEATHS -> mortal = 0 :: DEATHS -> mortal = 1 :: DEATHS -> mortal = 2 :: skip fi;
  D = mortal;
  start_with(0); start_with(1); start_with(2);
  do
  NODE(0) NODE(1) NODE(2)
  :: heal()
  :: else -> break
  od;
  if
  :: overflow
  :: else ->
    assert(AGREE(0, 1) && AGREE(0, 2) && AGREE(1, 0) && AGREE(1, 2) && AGREE(2, 0) && AGREE(2, 1));
    assert(CONTENT(0, 1) && CONTENT(0, 2) && CONTENT(1, 0) && CONTENT(1, 2) && CONTENT(2, 0) &&
           CONTENT(2, 1))
  fi
}
