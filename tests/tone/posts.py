"""Made-up posts about made-up brands, by how they sound to a reader; French and English in equal earnest."""

from __future__ import annotations

__all__ = [
    "ENGLISH_COMPLAINTS",
    "ENGLISH_NEUTRAL",
    "ENGLISH_PRAISE",
    "FRENCH_COMPLAINTS",
    "FRENCH_NEUTRAL",
    "FRENCH_PRAISE",
]

FRENCH_COMPLAINTS = """
Toujours aucune nouvelle de mon colis commandé il y a trois semaines
Votre service client se moque du monde
Ça marche plus depuis la mise à jour
J'ai attendu 45 minutes au téléphone pour rien
On nous prend pour des pigeons
Le vendeur était hautain et méprisant
Encore une panne de réseau à Lyon, vous répondez quand ?
Plus jamais je ne mettrai les pieds dans ce magasin
Je résilie mon abonnement dès demain
Vous allez avoir des nouvelles de mon avocat
Ce shampoing m'a donné des plaques rouges et des démangeaisons
Trouvé un bout de verre dans mon yaourt
Remboursez-nous !!!
C'est pas normal de payer aussi cher pour ça
Le livreur n'est jamais passé
Rien ne va dans cette application, elle plante tout le temps
Impossible de joindre quelqu'un, c'est scandaleux
Vous n'avez pas honte ?
Quel mépris pour vos clients
TGV supprimé, aucune info, bravo l'organisation 👏
Je suis vraiment déçue de la qualité
Le train est encore en retard, comme d'hab
Ma carte a été débitée deux fois et personne ne répond
Publicité sexiste, on est en quelle année ?
#BoycottAcme
La honte.
Réponse condescendante du CM, ils n'ont rien compris
Vous vous foutez de nous
Franchement nul à chier
3 heures de retard et pas un mot d'excuse
Service client inexistant 😡
C'est une arnaque, fuyez !
Ils ne respectent rien ni personne
je suis dégoûté, produit périmé
Ne commandez pas chez eux
ON VEUT DES EXPLICATIONS, C'EST INADMISSIBLE
"""

FRENCH_PRAISE = """
Merci pour votre réactivité, tout est rentré dans l'ordre
Livraison en avance, super !
Franchement rien à redire, service au top
Je recommande les yeux fermés
Vous êtes les meilleurs ❤️
Le nouveau parfum sent trop bon 😍
Conseillère très aimable et efficace
J'adore cette crème
Pas mal du tout leur nouvelle offre
Jamais déçu par cette marque
Un grand bravo à toute l'équipe
Aucun problème avec eux depuis dix ans
Trop contente de mon achat
On s'est régalés hier soir
Hâte de tester la nouvelle collection
Problème résolu en dix minutes, merci beaucoup
"""

FRENCH_NEUTRAL = """
Quels sont vos horaires d'ouverture dimanche ?
Je passe par la gare de Lyon demain matin
La conférence aura lieu mardi à 18h
Acme ouvre un magasin à Nantes
Est-ce que le forfait comprend l'étranger ?
Nouvel épisode du podcast avec le directeur d'Acme
Je suis dans le train pour Bordeaux
Il vend son téléphone à 200 euros
"""

ENGLISH_COMPLAINTS = """
Still no refund after three weeks
Your app doesn't work since the update
Nobody answers the phone, 2 hours on hold
I will never buy from you again
Worst customer service ever
Absolutely disgusting, there was a cockroach in my salad
Great, another delay. Thanks for ruining my weekend
You people are liars
My lawyer will be in touch
This cream gave me a rash
Not good enough
What a joke of a company
I'm so disappointed
the internet is down AGAIN
You charged me twice and won't respond
How dare you talk to your customers like that
Sexist ad, shame on you
Don't waste your money here
#BoycottAcme
oh great, lost my bag again 🙄
the driver was rude and nearly caused an accident
I've been waiting for my parcel since Monday and nobody cares
Took my money and never delivered
cancelling my subscription today
Your reply is so condescending
not impressed at all
This charger caught fire in my kitchen
they don't care about us
can't believe you would do this to your staff
Zero communication, zero respect
"""

ENGLISH_PRAISE = """
Thank you so much for the quick help
Best coffee in town
No complaints, everything went smoothly
I love the new design 😍
Can't wait to try it
Not bad at all
Shout out to Marie at the Lyon store, she was amazing
Never had a problem with them
my order arrived early, great service
You guys rock!
Impressed with how fast they fixed it
Absolutely delicious
"""

ENGLISH_NEUTRAL = """
What time do you open on Sunday?
Acme is opening a store in Leeds
I'm on the train to York
The conference is on Tuesday
Does the plan include roaming?
New episode with the chief executive of Acme
"""
