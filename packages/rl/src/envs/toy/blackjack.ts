// Blackjack: come closer to 21 than the dealer, from an endless deck.
import type { Info, ResetOptions, StepResult } from '../../env/env.ts'
import { invalidAction, knownOptions, resetNeeded } from '../../env/errors.ts'
import { type Color, type DrawCommand, type Drawing, rectangle } from '../../render/drawing.ts'
import { BuiltInEnv, type RenderOptions } from '../../render/rendered.ts'
import { Tuple } from '../../spaces/composite.ts'
import { Discrete } from '../../spaces/discrete.ts'
import type { Vectorizable, Vectorized } from '../../vector/vectorized.ts'

/** Ace, 2 to 10, and three picture cards that count 10. */
const DECK = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 10, 10, 10]

export interface BlackjackOptions extends RenderOptions {
  /** Whether winning with an ace and a ten pays 1.5. Ignored with `sab`. Default false */
  natural?: boolean
  /** The rules of Sutton and Barto's book: an ace and a ten beat anything but the same. Default false */
  sab?: boolean
}

/** Sum of the player's cards, the dealer's card that shows (1 is an ace), and whether an ace counts as 11 (1) or not (0). */
export type BlackjackObservation = readonly [sum: number, dealer: number, usableAce: number]

const total = (hand: readonly number[]): number => hand.reduce((sum, card) => sum + card, 0)
const hasUsableAce = (hand: readonly number[]): boolean => hand.includes(1) && total(hand) + 10 <= 21
const sumOf = (hand: readonly number[]): number => total(hand) + (hasUsableAce(hand) ? 10 : 0)
const scoreOf = (hand: readonly number[]): number => (sumOf(hand) > 21 ? 0 : sumOf(hand))
const isNatural = (hand: readonly number[]): boolean => hand.length === 2 && hand.includes(1) && hand.includes(10)

/**
 * Blackjack against a dealer who draws up to 17. Observation: see `BlackjackObservation`. Actions: 0 stick, 1 hit.
 * Reward 1 for winning, 0 for a draw, −1 for losing. Terminates at stick, and beyond 21.
 * Source: Sutton and Barto 2018, example 5.1; Gymnasium's Blackjack-v1 (which `make` makes with `sab`).
 * @example
 * import { Blackjack } from '@x/rl'
 * const env = new Blackjack()
 * const [[sum, dealer, usableAce]] = env.reset({ seed: 0 })
 * const [, reward, terminated] = env.step(sum < 17 ? 1 : 0)
 */
export class Blackjack extends BuiltInEnv<BlackjackObservation, number, readonly number[]> implements Vectorizable {
  readonly observationSpace: Tuple<[Discrete, Discrete, Discrete]>
  readonly actionSpace: Discrete = new Discrete(2)
  readonly natural: boolean
  readonly sab: boolean
  private player: number[] = []
  private dealer: number[] = []

  constructor(options: BlackjackOptions = {}) {
    knownOptions('Blackjack', options, ['renderMode', 'natural', 'sab'])
    super(options.renderMode, 'Blackjack')
    this.observationSpace = new Tuple([new Discrete(32), new Discrete(11), new Discrete(2)])
    this.natural = options.natural ?? false
    this.sab = options.sab ?? false
  }

  /** Copies of both hands, ace 1; the dealer's first card shows. */
  get state(): { player: number[]; dealer: number[] } {
    return { player: [...this.player], dealer: [...this.dealer] }
  }

  set state({ player, dealer }: { readonly player: readonly number[]; readonly dealer: readonly number[] }) {
    this.player = [...player]
    this.dealer = [...dealer]
  }

  /** What the kernel of many tables takes. */
  get vectorized(): Vectorized {
    return { kernel: 'blackjack', states: 4, numbers: [Number(this.natural), Number(this.sab)] }
  }

  /** Draws a card. Replace it to stack the deck. */
  drawCard: () => number = () => this.npRandom.choice(DECK)

  /** The observation of the present hands. */
  get observation(): BlackjackObservation {
    return [sumOf(this.player), this.dealer[0], Number(hasUsableAce(this.player))]
  }

  reset(given?: ResetOptions): [observation: BlackjackObservation, info: Info] {
    this.beginReset(given, 'Blackjack')
    this.dealer = [this.drawCard(), this.drawCard()]
    this.player = [this.drawCard(), this.drawCard()]
    // Gymnasium draws the suit and the picture of the dealer's card too: the stream of random numbers has to go on as there.
    this.npRandom.integers(4)
    if (this.dealer[0] === 10) this.npRandom.integers(3)
    return [this.observation, {}]
  }

  /** @throws ResetNeededError, InvalidActionError */
  step(action: number): StepResult<BlackjackObservation> {
    if (this.player.length === 0) throw resetNeeded('Blackjack')
    if (action !== 0 && action !== 1) throw invalidAction('Blackjack', action, this.actionSpace)
    if (action === 1) {
      this.player.push(this.drawCard())
      const isBust = sumOf(this.player) > 21
      return [this.observation, isBust ? -1 : 0, isBust, false, {}]
    }
    while (sumOf(this.dealer) < 17) this.dealer.push(this.drawCard())
    return [this.observation, this.outcome(), true, false, {}]
  }

  private outcome(): number {
    const { player, dealer } = this
    const reward = Math.sign(scoreOf(player) - scoreOf(dealer))
    if (this.sab) return isNatural(player) && !isNatural(dealer) ? 1 : reward
    return this.natural && isNatural(player) && reward === 1 ? 1.5 : reward
  }

  protected shown(): readonly number[] | null {
    return this.player.length > 0 ? this.player : null
  }

  protected text(player: readonly number[]): string {
    const [sum, dealer, ace] = this.observation
    return `dealer ${name(dealer)}\nplayer ${player.map(name).join(' ')}: ${sum}${ace ? ' (usable ace)' : ''}\n`
  }

  protected draw(player: readonly number[]): Drawing {
    const white: Color = [255, 255, 255]
    const commands: DrawCommand[] = []
    const card = (x: number, y: number, text: string): void => {
      commands.push(rectangle(x, y, 50, 70, white))
      commands.push({ kind: 'text', at: [x + 25, y + 35], text, size: 22, color: [30, 30, 30] })
    }
    card(30, 60, name(this.dealer[0]))
    card(90, 60, '')
    player.forEach((value, i) => {
      card(30 + 60 * i, 200, name(value))
    })
    const [sum, , ace] = this.observation
    commands.push({ kind: 'text', at: [70, 35], text: 'DEALER', size: 14, color: white })
    commands.push({ kind: 'text', at: [110, 175], text: `PLAYER ${sum}${ace ? ' ACE' : ''}`, size: 14, color: white })
    return { width: Math.max(260, 60 + 60 * player.length), height: 300, background: [7, 99, 36], commands }
  }
}

const name = (card: number): string => (card === 1 ? 'A' : String(card))
