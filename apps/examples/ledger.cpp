// SPDX-License-Identifier: BSL-1.0
// An application whose work counts once: it keeps accounts by what is said in a group. A customer
// orders three payments; one makes no sense, is tried three times, and becomes a dead letter. Ends
// by itself.
#include <causerie/application.hpp>

#include <asio/co_spawn.hpp>
#include <asio/detached.hpp>

#include <iostream>
#include <sstream>
#include <stdexcept>

long balance_of(const causerie::transaction& work, const std::string& who) {
  const auto kept = work.get(who);
  return kept ? std::stol(std::string{kept->text()}) : 0;
}

/// "ann pays bob 5". Whatever is thrown undoes all of it, the first half of a payment too.
void book(causerie::transaction& work) {
  std::istringstream order{std::string{work.message().text()}};
  std::string payer, pays, payee;
  long amount = 0;
  if (!(order >> payer >> pays) || pays != "pays") return;
  work.put(payer, std::to_string(balance_of(work, payer) - 1000));
  if (!(order >> payee >> amount)) throw std::runtime_error("what does " + payer + " pay?");
  work.put(payer, std::to_string(balance_of(work, payer) + 1000 - amount));
  work.put(payee, std::to_string(balance_of(work, payee) + amount));
  work.send("booked: " + std::string{work.message().text()});
}

asio::awaitable<void> keep_accounts(causerie::node& bank,
                                    std::optional<causerie::application>& to) {
  to.emplace(causerie::serve(bank, "ledger", co_await bank.join("accounts"), book));
}

asio::awaitable<void> order(causerie::node& customer, causerie::node& bank) {
  std::optional<causerie::application> ledger;
  co_await keep_accounts(bank, ledger);
  auto accounts = co_await customer.join("accounts");
  for (const auto* text : {"ann pays bob 5", "ann pays", "bob pays cid 2"})
    if (auto sent = co_await accounts.send(text); !sent)
      std::cerr << "not sent: " << sent.error().message() << '\n';
  (void)co_await bank.kill("apps/ledger");  // It comes back where it was.
  for (int booked = 0; booked < 2;) {
    const auto heard = co_await accounts.receive();
    if (!heard) co_return;
    if (!heard->text().starts_with("booked")) continue;
    std::cout << heard->text() << std::endl;
    ++booked;
  }
  for (const auto* who : {"ann", "bob", "cid"})
    std::cout << who << ": " << ledger->state_of(who).value()->text() << std::endl;
  for (const auto& letter : ledger->dead_letters())
    std::cout << "dead letter: " << letter.why << std::endl;
}

int main() {
  asio::io_context io;
  causerie::node bank{io, {.name = "bank"}};
  causerie::node customer{io, {.name = "customer", .join = {bank.address().text()}}};
  asio::co_spawn(io, order(customer, bank), [&](std::exception_ptr) { io.stop(); });
  io.run();
}
