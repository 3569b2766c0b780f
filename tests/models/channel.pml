/* SPDX-License-Identifier: BSL-1.0
 *
 * Do private messages arrive in order, once, and with a true outcome, whatever dies on the way?
 *
 * One channel: MESSAGES messages of one frame each, a window of two. A frame lies in the link until
 * it is delivered (the link sends it again until then), after that in the mailbox of the receiving
 * actor, and that is when the link acknowledges it. Up to FAULTS of these happen at any moment: the
 * sending or the receiving actor is killed (its mailbox is gone), the link is opened anew (what was
 * in it is gone), a frame comes twice, a timer runs out too early, the receiving process starts
 * again, the sender or the receiver gives the other up. Stands for channel_sender.cpp,
 * channel_sender_frames.cpp, channel_flight.cpp, channel_receiver.cpp, channel_inbox.cpp and
 * channel_table.cpp; README.md says what is left out.
 */
#ifndef MESSAGES
#define MESSAGES 3
#endif
#ifndef FAULTS
#define FAULTS 2
#endif
#define WINDOW 2
#define INCARNATIONS 3 /* Each fault begins a new one at most. */
#define NONE 255

#define BIT(m) (1 << (m))
#define IN(set, m) (((set) >> (m)) & 1)
#define FROM(m) (255 - (BIT(m) - 1))     /* All messages from m on. */
#define BELOW(m) (BIT(m) - 1)

/* Messages are numbered through all incarnations; an incarnation begins where `start` says. */
byte queued;             /* The application has sent so many. */
byte delivered, unknown, not_sent; /* Sets: what was said of them. */

/* The sender's machine. */
byte cid, base = 1, end = 1;
byte again;              /* To be sent again. */
byte in_link, suspect;   /* Frames that the link has not acknowledged; that it has, not covered. */
byte covered;            /* The receiver has said that it holds these. */
bool introducing = 1;    /* Frames carry the introduction until the first ack. */
bool asked;              /* The newest question has not been answered. */
byte question, asked_end;
bool hopeless;           /* It was answered, nothing was to be sent again, nothing happened since. */
/* The sending actor's mailbox: which frames the link has acknowledged, and an ack below. */
byte acknowledged;

/* The link, and the receiving actor's mailbox; of each incarnation. */
byte link[INCARNATIONS], box[INCARNATIONS];
byte link_intro[INCARNATIONS], box_intro[INCARNATIONS]; /* Those that carry the introduction. */
byte start[INCARNATIONS];
bool meant_for[INCARNATIONS];   /* Which life of the receiver. */
byte asking = NONE, asking_cid; /* A RESUME in the link. */
bool asking_intro;
byte rejecting = NONE;          /* A REJECT (unknown channel) in the link: for which incarnation. */
byte resetting = NONE;          /* A RESET. */

/* The newest ack is all that counts; one older may be on its way before it. */
typedef ack_frame { bool there, again; byte inc, echo, next, committed, sacks };
ack_frame acks[2];

/* The receiver's machine and its application. */
bool life;
byte open = NONE, newest = NONE, next = 1, ahead, echo = NONE;
bool want_ack, rewind;
byte given;                     /* The last given to the application of this life. */
byte inbox, ever_committed;     /* Sets: given, not committed; committed by any life of it. */
byte faults;

/* --- the sender --- */

inline drop_acks() {
  acks[0].there = 0; acks[0].again = 0; acks[0].inc = 0; acks[0].echo = 0; acks[0].next = 0;
  acks[0].committed = 0; acks[0].sacks = 0;
  acks[1].there = 0; acks[1].again = 0; acks[1].inc = 0; acks[1].echo = 0; acks[1].next = 0;
  acks[1].committed = 0; acks[1].sacks = 0
}

inline ask() {
  question = (question + 1) % 4; asked = 1; asked_end = end;
  asking = question; asking_cid = cid; asking_intro = introducing
}

inline transmit(m) {
  link[cid] = link[cid] | BIT(m); in_link = in_link | BIT(m); hopeless = 0;
  if :: introducing -> link_intro[cid] = link_intro[cid] | BIT(m)
     :: else -> link_intro[cid] = link_intro[cid] & (255 - BIT(m)) fi
}

inline begin_incarnation() {
  unknown = unknown | (FROM(base) & BELOW(end) & (255 - delivered));
  cid++; assert(cid < INCARNATIONS);
  start[cid] = end; meant_for[cid] = life; base = end;
  again = 0; in_link = 0; suspect = 0; covered = 0; introducing = 1; asked = 0;
  printf("incarnation %d begins at message %d\n", cid, end)
}

inline send_new() {
  d_step { again == 0 && end <= queued && end - base < WINDOW ->
    printf("message %d leaves\n", end);
    transmit(end); end++ }
}
inline send_again(m) {
  d_step { IN(again, m) && (again & BELOW(m)) == 0 ->
    again = again - BIT(m);
    if :: m >= base && !IN(covered, m) -> transmit(m); printf("message %d leaves again\n", m)
       :: else fi }
}

inline learn_link_acks() {
  d_step { acknowledged != 0 ->
#ifndef BROKEN_TRUSTS_LINK_ACK
    suspect = suspect | (acknowledged & in_link & (255 - covered));
#endif
    in_link = in_link & (255 - acknowledged); acknowledged = 0 }
}

/* What neither lies in the link nor anywhere behind it, and was never said to be held. */
#define QUIET (link[cid] == 0 && box[cid] == 0 && acknowledged == 0 && !acks[0].there && \
               !acks[1].there && !want_ack && asking == NONE && rejecting == NONE && resetting == NONE)
#define EARLY (faults < FAULTS)

inline suspicion_runs_out(m) {
  d_step { IN(suspect, m) && (QUIET || EARLY) ->
    if :: QUIET :: else -> faults++; hopeless = 0 fi;
    suspect = suspect - BIT(m); again = again | BIT(m);
    printf("message %d is held lost\n", m) }
}
#ifdef BROKEN_NOBODY_ASKS
#define ASKS 0
#else
#define ASKS 1
#endif
inline patience_runs_out() {
  d_step { ASKS && base < end &&
           ((again == 0 && suspect == 0 && (end > queued || end - base >= WINDOW) && QUIET &&
             inbox == 0 && !hopeless) || EARLY) ->
    if :: again == 0 && suspect == 0 && QUIET && inbox == 0 :: else -> faults++; hopeless = 0 fi;
    ask(); printf("the sender asks where the receiver stands\n") }
}

inline take_ack(i) {
  d_step { acks[i].there ->
    if
    :: acks[i].inc == cid ->
      introducing = 0;
      covered = (BELOW(acks[i].next) | acks[i].sacks) & FROM(start[cid]);
      suspect = suspect & (255 - covered); in_link = in_link & (255 - covered);
#ifdef BROKEN_OUTCOME_ON_ACK
      delivered = delivered | (FROM(base) & BELOW(acks[i].next));
#endif
      if :: acks[i].committed > base ->
        delivered = delivered | (FROM(base) & BELOW(acks[i].committed));
        base = acks[i].committed :: else fi;
      assert((delivered & (255 - ever_committed)) == 0); /* Delivered is true. */
      if :: acks[i].again -> again = again | suspect; suspect = 0 :: else fi;
      if
      :: asked && acks[i].echo == question ->
        asked = 0;
#ifdef BROKEN_TRUSTS_LINK_ACK
        again = again | (in_link & BELOW(asked_end) & (255 - covered));
#else
        again = (again & FROM(asked_end)) | (FROM(start[cid]) & BELOW(asked_end) & (255 - covered));
#endif
        suspect = suspect & FROM(asked_end); in_link = in_link & FROM(asked_end);
        hopeless = (again == 0)
      :: else
      fi
    :: else
    fi;
    /* The one before it is old news from now on. */
    if
    :: i == 0 && acks[1].there ->
      acks[0].again = acks[1].again; acks[0].inc = acks[1].inc; acks[0].echo = acks[1].echo;
      acks[0].next = acks[1].next; acks[0].committed = acks[1].committed;
      acks[0].sacks = acks[1].sacks;
      acks[1].there = 0; acks[1].again = 0; acks[1].inc = 0; acks[1].echo = 0;
      acks[1].next = 0; acks[1].committed = 0; acks[1].sacks = 0
    :: else -> drop_acks()
    fi }
}

inline take_reject() {
  d_step { rejecting != NONE ->
    if :: rejecting == cid -> begin_incarnation() :: else fi;
    rejecting = NONE }
}

/* --- the receiver --- */

inline give(m) {
  assert(m > given && !IN(delivered, m)); /* In order, once. */
  assert(!IN(not_sent, m));               /* Not sent is true. */
#ifndef BROKEN_GENERATION_IGNORED
  assert(given < start[open] || m == given + 1); /* Nothing passed over within an incarnation. */
#endif
  given = m; inbox = inbox | BIT(m);
  printf("message %d is given to the application\n", m)
}

/* Finds the incarnation of a frame, or begins it; else says that it knows none. */
inline find_incarnation(g, intro) {
  if
  :: open == g
#ifdef BROKEN_INTRODUCED_TO_ANY_LIFE
  :: open != g && intro &&
#else
  :: open != g && intro && meant_for[g] == life &&
#endif
#ifdef BROKEN_GENERATION_IGNORED
     1 ->
#else
     (newest == NONE || g > newest) ->
#endif
    open = g; newest = g; next = start[g]; ahead = 0; echo = NONE; rewind = 0; want_ack = 1
  :: open != g && !(intro && meant_for[g] != life) &&
     !(intro && (newest == NONE || g > newest)) -> rejecting = g
  :: else
  fi
}

inline take_frame(g, m) {
  d_step { IN(box[g], m) ->
    box[g] = box[g] - BIT(m);
    find_incarnation(g, IN(box_intro[g], m));
    box_intro[g] = box_intro[g] & (255 - BIT(m));
    if
    :: open == g && m < next -> want_ack = 1;
#ifdef BROKEN_NO_DUPLICATE_CHECK
      give(m)
#endif
    :: open == g && m > next -> ahead = ahead | BIT(m); want_ack = 1;
#ifdef BROKEN_OUT_OF_ORDER
      give(m)
#endif
    :: open == g && m == next ->
      give(m); next++; want_ack = 1;
      do :: IN(ahead, next) -> ahead = ahead - BIT(next); give(next); next++ :: else -> break od
    :: else
    fi }
}

inline take_question() {
  d_step { asking != NONE ->
    find_incarnation(asking_cid, asking_intro);
    if :: open == asking_cid -> echo = asking; want_ack = 1 :: else fi;
    asking = NONE; asking_cid = 0; asking_intro = 0 }
}
inline take_reset() {
  d_step { resetting != NONE ->
    if :: open == resetting -> open = NONE; ahead = 0; want_ack = 0 :: else fi;
    resetting = NONE }
}

inline commit(m) {
  d_step { IN(inbox, m) && (inbox & BELOW(m)) == 0 ->
    inbox = inbox - BIT(m); ever_committed = ever_committed | BIT(m); want_ack = (open != NONE);
    printf("message %d is committed\n", m) }
}

inline make_ack(i) {
  d_step { want_ack && open != NONE && (i == 1) == acks[0].there ->
    want_ack = 0;
    acks[i].there = 1; acks[i].inc = open; acks[i].echo = echo; acks[i].next = next;
    acks[i].again = rewind; rewind = 0; acks[i].sacks = ahead;
    m = start[open];
    do :: m < next && !IN(inbox, m) -> m++ :: else -> break od;
    acks[i].committed = m; m = 0 }
}

/* --- what may go wrong --- */

inline kill_sender() {
  d_step { EARLY ->
    faults++; hopeless = 0; acknowledged = 0; drop_acks();
    printf("the sending actor is killed\n");
    if :: ASKS && base <= queued -> ask() :: else fi }
}
inline kill_receiver() {
  d_step { EARLY ->
    faults++; hopeless = 0; m = 0;
    do :: m < INCARNATIONS -> box[m] = 0; box_intro[m] = 0; m++ :: else -> break od;
    m = 0; asking = NONE; asking_cid = 0; asking_intro = 0; resetting = NONE;
    rewind = (open != NONE); want_ack = (open != NONE);
    printf("the receiving actor is killed\n") }
}
inline open_link_anew() {
  d_step { EARLY ->
    faults++; hopeless = 0; m = 0;
    do :: m < INCARNATIONS -> link[m] = 0; link_intro[m] = 0; m++ :: else -> break od;
    m = 0; asking = NONE; asking_cid = 0; asking_intro = 0; resetting = NONE; rejecting = NONE;
    drop_acks();
    printf("the link is opened anew\n");
    if :: ASKS && base <= queued -> ask() :: else fi }
}
inline restart_receiver() {
  d_step { EARLY && !life ->
    faults++; hopeless = 0; life = 1; m = 0;
    do :: m < INCARNATIONS -> box[m] = 0; box_intro[m] = 0; m++ :: else -> break od;
    m = 0; open = NONE; newest = NONE; next = 1; ahead = 0; echo = NONE; want_ack = 0; rewind = 0;
    given = 0; inbox = 0; drop_acks(); rejecting = NONE;
    printf("the receiver starts again\n") }
}
inline learn_life() {
  d_step { meant_for[cid] != life -> begin_incarnation() }
}
inline sender_gives_up() {
  d_step { EARLY && base <= queued ->
    faults++; hopeless = 0;
    printf("the sender gives up\n");
    if :: end > start[cid] -> resetting = cid :: else fi;
    not_sent = not_sent | (FROM(end) & BELOW(queued + 1));
    unknown = unknown | (FROM(base) & BELOW(end) & (255 - delivered));
    end = queued + 1; base = end;
    begin_incarnation() }
}
inline receiver_gives_up() {
  d_step { EARLY && open != NONE && ahead != 0 ->
    faults++; hopeless = 0; open = NONE; ahead = 0; want_ack = 0; rewind = 0;
    printf("the receiver gives up\n") }
}

inline deliver(g, m) {
  d_step { IN(link[g], m) ->
    link[g] = link[g] - BIT(m); box[g] = box[g] | BIT(m);
    box_intro[g] = (box_intro[g] & (255 - BIT(m))) | (link_intro[g] & BIT(m));
    link_intro[g] = link_intro[g] & (255 - BIT(m));
    if :: g == cid -> acknowledged = acknowledged | BIT(m) :: else fi }
}
inline deliver_copy(g, m) {
  d_step { EARLY && IN(link[g], m) && !IN(box[g], m) ->
    faults++; hopeless = 0; box[g] = box[g] | BIT(m);
    box_intro[g] = (box_intro[g] & (255 - BIT(m))) | (link_intro[g] & BIT(m)) }
}

#define FRAME(g, m) :: deliver(g, m) :: deliver_copy(g, m) :: take_frame(g, m)
#define MESSAGE(m) FRAME(0, m) FRAME(1, m) FRAME(2, m) :: send_again(m) \
  :: suspicion_runs_out(m) :: commit(m)

active proctype channel() {
  byte m;
  start[0] = 1;
  do
  :: d_step { queued < MESSAGES -> queued++ }
  :: send_new()
  MESSAGE(1) MESSAGE(2) MESSAGE(3)
  :: learn_link_acks()
  :: patience_runs_out()
  :: take_ack(0) :: take_ack(1) :: make_ack(0) :: make_ack(1)
  :: take_reject() :: take_question() :: take_reset()
  :: kill_sender() :: kill_receiver() :: open_link_anew() :: restart_receiver()
  :: sender_gives_up() :: receiver_gives_up() :: learn_life()
  :: d_step { EARLY -> faults++ } /* Or less goes wrong. */
  :: else -> break
  od;
  /* All is quiet: everything has an outcome, and without a reason none is unsure. */
  assert((delivered | unknown | not_sent) == (BELOW(MESSAGES + 1) & FROM(1)));
  assert((delivered & (unknown | not_sent)) == 0 && (unknown & not_sent) == 0);
  assert(cid > 0 || (unknown | not_sent) == 0)
}
