"""French posts to look at tone with. Written by us, about nobody, in one sitting and before the lexicon had seen any.

NOT a benchmark: seventy-two sentences of one pen say how the sentences of that pen are read, and no more. No word of
the lexicon was or may be changed because of them; where it fails is left to be seen.
"""

from __future__ import annotations

__all__ = ["POSTS"]

_NEGATIVE = """
Ça fait dix jours que j'attends une réponse de votre part, c'est long
Colis livré ouvert, il manque la moitié de la commande
Deux heures debout dans le froid parce que la porte du wagon ne ferme pas
On m'a raccroché au nez, je n'en reviens pas
Bonjour, je vous ai écrit quatre fois. Toujours le silence.
le technicien devait venir ce matin, personne
Mon fils a fait une réaction après votre compote, on sort des urgences
Vous augmentez les prix et vous supprimez le service, faut pas pousser
Franchement vous abusez
pk vous répondez pas en mp ???
j'en peux plus de cette box elle redémarre tte la journée
Sympa la surtaxe de 40 euros qu'on découvre à la caisse
Ah bah bravo, encore raté
Génial, mon vol est décalé à demain. Vraiment génial.
Merci de m'avoir fait perdre ma matinée
C'est donc ça votre geste commercial ? Deux euros ?
La vendeuse m'a parlé comme à un chien
Votre pub est d'une lourdeur, on dirait les années 50
Licencier 300 personnes et fêter ses résultats le même jour, fallait oser
Je ne donnerai plus un centime à cette enseigne
Allez voir ailleurs, conseil d'ami
#JeQuitteAcme
Le produit s'est désagrégé au premier lavage
Pire expérience de ma vie de client
Une chaussette dans le paquet à la place du casque, super
Pour joindre un humain chez vous il faut prendre un jour de congé
mdr ils ont « égaré » mon dossier pour la 3e fois
Il y a des asticots dans le riz. Photo à l'appui.
On attend toujours vos excuses
Prélevé deux fois, remboursé zéro fois
Votre réponse est à côté de la plaque
Signalement fait à la répression des fraudes
Je n'ai pas choisi de passer la nuit à l'aéroport, moi
Ce n'est plus possible de travailler dans ces conditions
Quel manque de respect pour les gens du guichet
🤡🤡🤡 le service après-vente
"""

_NEUTRAL = """
Bonjour, où trouve-t-on la facture dans l'application ?
Acme annonce ses résultats trimestriels jeudi
Nouveau logo pour Acme, vous le voyez comment ?
Le magasin de Rennes ouvre à 10 h le lundi
Je cherche quelqu'un pour partager un billet Lyon-Paris vendredi
Quelle est la différence entre les deux forfaits ?
Acme recrute cinquante personnes à Lille
Vu la pub Acme dans le métro ce matin
On en parle dans l'émission de ce soir
La ligne B circule toutes les dix minutes
Il me reste un carton de chez Acme, si ça intéresse quelqu'un
Interview du directeur d'Acme à 8 h 20
Vous êtes plutôt Acme ou Zénith ?
Mise à jour 4.2 disponible
Je change de téléphone demain, je garde mon numéro
Le stand Acme est dans le hall 3
Mon père a travaillé trente ans chez Acme
RDV à 14 h devant la boutique
"""

_POSITIVE = """
Problème réglé en un appel, chapeau
Accueil adorable à la boutique de Dijon
Le livreur a monté les quatre étages avec le sourire
Rien à dire, ça fonctionne du premier coup
Enfin une marque qui reconnaît ses torts
Je suis bluffé par l'autonomie
Un sans-faute, comme toujours
Remboursée en 24 h, je ne m'y attendais pas, merci
Leur nouvelle gamme est canon 😍
ça change la vie ce truc
Vous m'avez sauvé mon week-end !
Très bonne surprise, c'est meilleur que la photo
Big up à Karim du support, patient et clair
On a passé une soirée formidable
je valide à 100 %
Quel plaisir d'avoir quelqu'un qui écoute
Cinq ans que je l'ai et pas une panne
Trop mignon le petit mot dans le colis ❤️
"""

POSTS: tuple[tuple[str, str], ...] = tuple(
    (text, said)
    for said, block in (("negative", _NEGATIVE), ("neutral", _NEUTRAL), ("positive", _POSITIVE))
    for text in block.strip().splitlines()
)
"""(text, how it is meant)."""
