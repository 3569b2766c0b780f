/* SPDX-License-Identifier: BSL-1.0
 *
 * Does the death of an actor between any two of its steps lose, double or reorder anything?
 *
 * One group at one node: an application that sends and takes events, the port where it meets the
 * orderer, the machine in the vault, the guardian, and somebody who kills the orderer up to KILLS
 * times. Each runs on a thread of its own; what happens under one lock is one step, and a handler is
 * never cut short. Stands for actors/orderer.cpp, group_port.cpp, vault.hpp, guardian.cpp and
 * roster.hpp, and for channels.cpp and channel_port.cpp, which are made alike; README.md says what
 * is left out.
 */
#ifndef KILLS
#define KILLS 2
#endif
#define SENDS 3
#define ARRIVALS 1     /* Events that come from other members. */
#define EVENTS (SENDS + ARRIVALS)
#define STREAM_MAX 2   /* Delivered, not committed; then the machine takes no send. */
#define PORT_MAX 1     /* Handed over, not taken. */

/* The machine: sends are numbered as the application made them, events by their cursor. */
byte sent, arrived, last_event, committed;
bool credit_owed;
/* The port holds sends (given_out, pushed] and events (taken, handed_over]. */
byte pushed, given_out, answered, handed_over, taken;
byte commit_asked;     /* 0: none waits. */
bool woken;
/* The orderer that lives, and what is in its mailbox. */
byte life;             /* From 1. */
bool alive, started;
bool called, frame;    /* application_called, frames_received. */
bool busy;             /* A handler runs. */
byte in_roster;        /* Which life the roster names; 0: none. */
bool down;             /* The guardian's mailbox has the down message. */
byte kills;

/* --- the application --- */

inline wake() {
  d_step { if :: !woken -> woken = 1; must_wake = 1 :: else fi };
  if
  :: d_step { must_wake -> found = in_roster }; /* tell() looks the orderer up, then sends. */
    d_step { if :: found == life && alive -> called = 1 :: else fi; must_wake = 0; found = 0 }
  :: else
  fi
}

active proctype application() {
  bool must_wake, was_full;
  byte found;
  do
  :: d_step { pushed < SENDS -> pushed++; printf("the application sends %d\n", pushed) };
    wake()
  :: d_step { taken < handed_over ->
      was_full = (handed_over - taken >= PORT_MAX);
      taken = handed_over;
      printf("the application takes events up to %d\n", taken) };
    if
#ifndef BROKEN_FULL_PORT_NOT_WOKEN
    :: was_full -> wake()
#endif
    :: else
    fi
  /* It commits as seldom as it can. */
  :: d_step { taken > committed && commit_asked < taken &&
              (taken == EVENTS || taken - committed >= STREAM_MAX) ->
      commit_asked = taken; printf("the application commits %d\n", taken) };
    wake()
  od
}

/* --- the orderer --- */

inline serve() {
  d_step { woken = 0; upto = commit_asked; commit_asked = 0; given_out = pushed };
#ifdef BROKEN_COMMANDS_IN_ACTOR
  d_step { called = 1; busy = 0 }; /* It means to go on with them in its next handler. */
  if :: atomic { called && alive -> called = 0; busy = 1 } :: !alive -> goto next fi;
#endif
  d_step {
    if :: upto > committed -> committed = upto; printf("the machine has commit %d\n", upto)
       :: else fi;
    upto = 0;
    do
    :: sent < given_out && last_event - committed < STREAM_MAX && answered < given_out ->
      answered++; sent++; last_event++;
      assert(answered == sent); /* None lost, doubled or overtaken. */
      printf("the machine has send %d as event %d\n", answered, last_event)
    :: else -> break
    od;
    if :: answered < given_out -> credit_owed = 1; given_out = answered :: else fi }
}

#ifdef BROKEN_CURSOR_IN_ACTOR
#define FROM cursor
#else
#define FROM (handed_over > committed -> handed_over : committed)
#endif

inline hand_over() {
  do
  :: d_step { handed_over - taken < PORT_MAX && FROM < last_event ->
      assert(FROM == handed_over); /* No event twice, none passed over. */
      handed_over = FROM + 1; cursor = handed_over;
      printf("event %d is handed over\n", handed_over) }
  :: else -> break
  od
}

inline flush() {
  do
  :: d_step { credit_owed && last_event - committed < STREAM_MAX -> credit_owed = 0 }; serve()
  :: else -> break
  od;
  hand_over();
  busy = 0
}

active proctype orderer() {
  byte upto, cursor;
next:
  do
  :: atomic { alive && !started -> started = 1; busy = 1;
      printf("orderer %d starts\n", life) };
#ifndef BROKEN_GUARDIAN_ALONE_ENLISTS
    in_roster = life; /* Before it looks into the port: who calls from now on calls this one. */
#endif
#ifdef BROKEN_CURSOR_SKIPS
    if :: life > 1 && committed < last_event -> committed++ :: else fi;
#endif
    cursor = committed;
#ifndef BROKEN_PORT_NOT_READ_AT_START
    serve();
#endif
    flush()
  :: atomic { alive && started && called -> called = 0; busy = 1 };
    serve(); flush()
  :: atomic { alive && started && frame -> frame = 0; busy = 1 };
    d_step {
      if
      :: arrived < ARRIVALS && last_event - committed < STREAM_MAX ->
        arrived++; last_event++;
        printf("event %d arrives\n", last_event)
      :: else
      fi };
    flush()
  od
}

/* Its peers send again what it has not shown to have. */
active proctype peers() {
  do
  :: d_step { alive && started && !frame && arrived < ARRIVALS &&
              last_event - committed < STREAM_MAX -> frame = 1 }
  od
}

active proctype killer() {
  do
  :: d_step { alive && started && !busy && kills < KILLS && in_roster == life ->
      kills++; alive = 0; started = 0; called = 0; frame = 0; down = 1;
#ifdef BROKEN_MACHINE_IN_ACTOR
      sent = 0; last_event = 0; committed = 0; credit_owed = 0;
#endif
      printf("orderer %d is killed\n", life) }
  :: d_step { kills < KILLS -> kills = KILLS } /* It need not. */
  od
}

/* --- the guardian --- */

active proctype guardian() {
  down = 1; /* Nobody plays the part yet. */
  do
#ifdef ONE_THREAD
  :: d_step { down -> down = 0; life++; alive = 1; in_roster = life }
#else
  /* What it has spawned may run on another thread at once. */
  :: d_step { down -> down = 0; life++; alive = 1 }; in_roster = life
#endif
  od
}

#define ALL_DONE \
  (answered == SENDS && arrived == ARRIVALS && taken == EVENTS && committed == EVENTS)
/* When nobody can do anything any more, everything has been done. */
active proctype end() {
  timeout -> assert(ALL_DONE)
}
