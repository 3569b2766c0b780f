/* SPDX-License-Identifier: BSL-1.0
 *
 * A node joins while others forget what everybody has: is anything forgotten too early?
 *
 * Node 0 sponsors the joiner (3), 1 looks on, 2 sends one message, X. The sponsor's ADD names the
 * joiner; when 0 dies and 1 has not seen that ADD, the joiner asks 1, who sends an ADD of its own.
 * Up to CRASHES of 0, 1 and 2 die, at any moment. Every row, repair and trim may happen at any
 * moment or never. Stands for group_joining.cpp, group_rows.cpp, group_member.cpp (usable rows) and
 * group_stability.cpp; README.md says what is left out.
 *
 * Three rules keep X: rows count when they are usable (USABLE), the dead are waited for (HORIZON),
 * and a joiner activates when it has heard everybody alive, raised by their floors (HEAR_ALL).
 */
#ifndef CRASHES
#define CRASHES 2
#endif
#ifndef USABLE
#define USABLE 1
#endif
#ifndef HORIZON
#define HORIZON 1
#endif
#ifndef HEAR_ALL
#define HEAR_ALL 1
#endif

#define BIT(n) (1 << (n))
#define IN(set, n) (((set) >> (n)) & 1)

/* Sets of nodes. */
byte alive = 7;
byte got_x;            /* Have delivered X; the joiner also when X lies below its base. */
byte holds_x;          /* Have X in their log. */
byte got_add[2];       /* got_add[a]: have delivered the ADD that a sent. */
byte knows[4];         /* knows[n]: the rows that count at n say that these have X. */
byte waiting[2];       /* At these, a row of sponsor a that says X waits to become usable. */
byte heard, floors;    /* By the joiner: rows that show its ADD; those whose floor covers X. */
byte sponsor;          /* Whose ADD the joiner waits for. */
bool x_sent, add_sent[2], add_after_x[2], base_has_x[2], joined;
byte crashed;

#define KNOWS_JOINER(n) (IN(got_add[0], n) || IN(got_add[1], n))
/* Whom n asks before it forgets: all, itself excepted; the joiner once an ADD is delivered. */
#if HORIZON
#define ASKED(n) ((7 | (KNOWS_JOINER(n) << 3)) & (15 - BIT(n)))
#else
#define ASKED(n) (((7 & alive) | (KNOWS_JOINER(n) << 3)) & (15 - BIT(n)))
#endif
#define STABLE(n) ((knows[n] & ASKED(n)) == ASKED(n))

#define LACKS_X ((x_sent && (alive & 7 & (15 - got_x)) != 0) || (joined && !IN(got_x, 3)))
#define WITNESSED ((alive & (7 | (joined << 3)) & got_x) != 0)
/* Somebody has delivered X, somebody lacks it, and nobody who lives can give it. */
#define LOST (WITNESSED && (alive & holds_x) == 0 && LACKS_X)

inline send_x() {
  d_step { !x_sent && IN(alive, 2) ->
    x_sent = 1; got_x = got_x | 4; holds_x = holds_x | 4;
    printf("2 sends X\n") }
}

/* Who learns of the joiner takes it to have what lies below the base that the ADD names. */
inline learn_joiner(n, a) {
  if :: base_has_x[a] && !KNOWS_JOINER(n) && n != 3 -> knows[n] = knows[n] | 8 :: else fi;
  got_add[a] = got_add[a] | BIT(n)
}

/* The base is a stable cut of the sponsor's: its floor, or what is stable just now. The joiner
   adopts the first one that it is told. */
inline send_add(a, newest) {
  d_step { !add_sent[a] && IN(alive, a) && !joined &&
           (a == 0 || (add_sent[0] && !IN(alive, 0) && !KNOWS_JOINER(1))) ->
    add_sent[a] = 1; add_after_x[a] = IN(got_x, a); sponsor = a; heard = 0; floors = 0;
#ifdef BROKEN_JOIN_ADOPTS_DELIVERED
    base_has_x[a] = IN(got_x, a);
#else
    base_has_x[a] = IN(got_x, a) && (!IN(holds_x, a) || (newest && STABLE(a)));
#endif
    if :: base_has_x[a] && !IN(alive, 3) -> got_x = got_x | 8 :: else fi;
    alive = alive | 8;
    learn_joiner(a, a);
    printf("%d adds 3 (1: below a base that has X: %d)\n", a, base_has_x[a]);
    assert(!LOST) }
}

inline repair_x(n) {
  d_step { IN(alive, n) && !IN(got_x, n) && (holds_x & alive) != 0 ->
    got_x = got_x | BIT(n); holds_x = holds_x | BIT(n);
    printf("%d gets X\n", n) }
}

inline deliver_add(n, a) {
  d_step { add_sent[a] && IN(alive, n) && !IN(got_add[a], n) && (got_add[a] & alive) != 0 &&
           (!add_after_x[a] || IN(got_x, n)) ->
    learn_joiner(n, a);
    if :: IN(waiting[a], n) -> knows[n] = knows[n] | BIT(a); waiting[a] = waiting[a] - BIT(n)
       :: else fi;
    printf("%d delivers %d's ADD\n", n, a) }
}

/* A row of m as it stands now reaches n; older ones are rows that were taken earlier. A row that is
   not usable yet waits. The joiner's row replaces what its base let others believe. */
inline row(n, m) {
  d_step { IN(alive, n) && IN(alive, m) && (m != 3 || KNOWS_JOINER(n)) &&
           IN(got_x, m) != IN(knows[n], m) && !(m < 2 && IN(waiting[m], n)) ->
    if
    :: m == 3 && !IN(got_x, 3) -> knows[n] = knows[n] - 8
    :: m < 2 && USABLE && add_sent[m] && !IN(got_add[m], n) -> waiting[m] = waiting[m] | BIT(n)
    :: else -> knows[n] = knows[n] | BIT(m)
    fi;
    printf("%d takes %d's row (1: it has X: %d)\n", n, m, IN(got_x, m)) }
}

inline hear(m) {
  d_step { HEAR_ALL && IN(alive, 3) && !joined && IN(alive, m) && IN(got_add[sponsor], m) &&
           (!IN(heard, m) || (IN(got_x, m) && !IN(holds_x, m) && !IN(floors, m))) ->
    heard = heard | BIT(m);
    if :: IN(got_x, m) && !IN(holds_x, m) -> floors = floors | BIT(m) :: else fi;
    printf("3 hears from %d, who has its ADD\n", m) }
}

inline activate() {
  d_step { IN(got_add[sponsor], 3) && !joined && (!HEAR_ALL || (alive & 7 & (15 - heard)) == 0) ->
    joined = 1;
    if :: HEAR_ALL && (floors & alive) != 0 -> got_x = got_x | 8 :: else fi;
    printf("3 activates\n");
    assert(!LOST) }
}

inline forget(n) {
  d_step { IN(alive, n) && IN(holds_x, n) && (n != 3 || joined) &&
#ifdef BROKEN_TRIMMED_ABOVE_CUT
           IN(got_x, n) ->
#else
           STABLE(n) ->
#endif
    holds_x = holds_x - BIT(n);
    printf("%d forgets X\n", n);
    assert(!LOST) }
}

inline crash(n) {
  d_step { IN(alive, n) && crashed < CRASHES ->
    crashed++;
    alive = alive - BIT(n); got_x = got_x & (15 - BIT(n)); holds_x = holds_x & (15 - BIT(n));
    got_add[0] = got_add[0] & (15 - BIT(n)); got_add[1] = got_add[1] & (15 - BIT(n));
    waiting[0] = waiting[0] & (15 - BIT(n)); waiting[1] = waiting[1] & (15 - BIT(n));
    heard = heard & (15 - BIT(n)); floors = floors & (15 - BIT(n)); knows[n] = 0;
    printf("%d dies\n", n);
    assert(!LOST) }
}

active proctype group() {
  do
  :: send_x()
  :: send_add(0, 0) :: send_add(0, 1) :: send_add(1, 0) :: send_add(1, 1)
  :: repair_x(0) :: repair_x(1) :: repair_x(3)
  :: deliver_add(1, 0) :: deliver_add(2, 0) :: deliver_add(3, 0)
  :: deliver_add(2, 1) :: deliver_add(3, 1)
  :: row(0, 1) :: row(0, 2) :: row(0, 3) :: row(1, 0) :: row(1, 2) :: row(1, 3)
  :: row(2, 0) :: row(2, 1) :: row(2, 3) :: row(3, 0) :: row(3, 1) :: row(3, 2)
  :: hear(0) :: hear(1) :: hear(2)
  :: activate()
  :: forget(0) :: forget(1) :: forget(2) :: forget(3)
  :: crash(0) :: crash(1) :: crash(2)
  :: else -> break
  od;
#ifdef REACH_FORGOTTEN
  assert(!(joined && sponsor == 1 && IN(got_x, 3) && x_sent && holds_x == 0))
#endif
}
