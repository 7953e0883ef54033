//! Scenarios: the whole system on one machine, driven as people and faults would drive it.
//!
//! Every scenario has its own stack with state of its own, a clock that can be moved, and daemons that are
//! processes and can be killed. Waiting is always for something that can be seen from outside.

#![cfg(test)]

mod api;
mod back_agents;
mod back_given_back;
mod back_lost;
mod back_machine;
mod back_piled;
mod back_refused;
mod back_restart;
mod back_secrets;
mod back_shared;
mod back_support;
mod back_waiting;
mod back_whole;
mod conversation;
mod crash_each;
mod front_asked;
mod front_broken;
mod front_comment;
mod front_crash;
mod front_fair;
mod front_github;
mod front_poison;
mod front_progress;
mod front_stop;
mod front_strangers;
mod front_support;
mod front_twenty;
mod front_webhook;
mod leftovers;
mod observed;
mod permissions;
mod reports_asked;
mod reports_git;
mod reports_work;
mod startup;
mod support;
mod told;
mod units;
