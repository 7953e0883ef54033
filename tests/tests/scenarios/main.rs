//! Scenarios: the whole system on one machine, driven as people and faults would drive it.
//!
//! Every scenario has its own stack with state of its own, a clock that can be moved, and daemons that are
//! processes and can be killed. Waiting is always for something that can be seen from outside.

#![cfg(test)]

mod api;
mod conversation;
mod crash_each;
mod ingress_asked;
mod ingress_broken;
mod ingress_comment;
mod ingress_crash;
mod ingress_fair;
mod ingress_github;
mod ingress_poison;
mod ingress_progress;
mod ingress_stop;
mod ingress_strangers;
mod ingress_support;
mod ingress_twenty;
mod ingress_webhook;
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
mod worker_agents;
mod worker_given_back;
mod worker_lost;
mod worker_machine;
mod worker_piled;
mod worker_refused;
mod worker_restart;
mod worker_secrets;
mod worker_shared;
mod worker_support;
mod worker_waiting;
mod worker_whole;
