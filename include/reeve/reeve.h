#pragma once
// All of Reeve's public interface.

#include <reeve/clock.h>
#include <reeve/directory.h>
#include <reeve/error.h>
#include <reeve/history.h>
#include <reeve/jobs.h>
#include <reeve/ledger.h>
#include <reeve/ledger_pool.h>
#include <reeve/typed.h>
#include <reeve/types.h>
#include <reeve/value.h>
